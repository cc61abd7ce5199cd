//! Where in a text something stands that can only be a name, an address, an id or a secret.
//!
//! Rules look at a stretch of whole lines and never reach beyond the end of one.

use std::net::Ipv6Addr;
use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::Regex;

use crate::Error;
use crate::class::Class;
use crate::{hex, path};

/// What stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// A name.
    Name(Class),
    /// Hexadecimal digits that identify something, with or without separators.
    Hex,
    /// An IPv4 address.
    V4,
    /// An IPv6 address.
    V6,
    /// A secret, which leaves no trace.
    Secret,
}

/// One such place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) at: Range<usize>,
    pub(crate) what: What,
}

/// What a group of a rule holds.
#[derive(Debug, Clone, Copy)]
enum Holds {
    Name(Class),
    /// `DOMAIN\user`, `user@domain`, `vpxuser:DOMAIN\user`.
    User,
    /// A host, with its domain or without.
    Host,
    /// `user@domain`.
    Mail,
    /// A path below a datastore: the first part is the datastore.
    Volume,
    /// A path elsewhere, of which every part may be a name.
    Path,
    /// The name of a file.
    File,
    /// Path of an inventory: folders and objects.
    Group,
    Hex,
    HexWithLetters,
    V4,
    V6,
    Secret,
}

/// Each rule: what every group of it holds, and the pattern; the first rule that claims a place wins.
///
/// `{ext}` stands for the endings of files that a VM or a host has.
const RULES: &[(&[Holds], &str)] = &[
    // Secrets first: nothing of them is to be taken for something else.
    (&[Holds::Secret], r"(?i)HMAC(?:-|%2d)SHA(?:-|%2d)\d+,([A-Za-z0-9+/=%]{4,})"),
    (&[Holds::Secret], r"(?i)(?:key/|\()(?:rawkey|phrase)/([A-Za-z0-9+/=%:.-]{8,})"),
    (
        &[Holds::Secret],
        r#"(?i)\b(?:encryption\.data|encryptedData|dataFileKey|cryptoBlob|guestinfo\.[\w.-]*(?:userdata|metadata|vendordata|password|secret|token)[\w.-]*)[ \t]*=[ \t]*"([^"\r\n]{4,})""#,
    ),
    (
        &[Holds::Secret],
        r#"(?i)\b(?:\w*password|passwd|pwd|passphrase|client_?secret|api_?key|access_?token|refresh_?token|vmware_soap_session|sharedsecret)(?:&quot;|["'\\])*[ \t]*[=:][ \t]*(?:&quot;|["'\\])*([^\s"'\\,;&<>()\[\]*]{3,})"#,
    ),
    (&[Holds::Secret], r#"(?i)\bauthorization: *(?:bearer|basic) +([^\s"',]{4,})"#),
    // Texts that people write: whatever stands in them.
    (
        &[Holds::Name(Class::Note)],
        r#"(?i)\b(?:annotation|notes?|snapshot\d+\.description|description of the vm)[ \t]*=[ \t]*"([^"\r\n]{1,})""#,
    ),
    (&[Holds::Name(Class::Note)], r#"(?i)\b(?:snapshot\d+\.displayName|snapshotName)[ \t]*=[ \t]*"([^"\r\n]{1,})""#),
    (
        &[Holds::Name(Class::Note)],
        r#"(?i)\bDICT[ \t]+(?:annotation|snapshot\d+\.(?:displayName|description))[ \t]*=[ \t]*([^"\r\n]{1,2000}?)[ \t]*\r?$"#,
    ),
    // Keys and providers in key locators; a provider's name may be percent-encoded there.
    (&[Holds::Name(Class::Provider), Holds::Name(Class::Key)], r"(?i)fqid/[^/\r\n]*/([^/,()\r\n]+)/([^/,()\r\n]+)"),
    (&[Holds::Name(Class::Provider)], r#"(?i)\bprovider(?:Id|Name)?(?: id)? ?[=:] ?"([^"\r\n]{1,120})""#),
    // Paths.
    (&[Holds::Volume], r#"["'](?:ds://)?/vmfs/volumes/([^"'\r\n<>|]{1,600})["']"#),
    (&[Holds::Volume], r#"/vmfs/volumes/([^\s/"'\r\n<>|,;()]+/[^"'\r\n<>|,;:()=]{1,400}?\.(?:{ext})\b~?)"#),
    (&[Holds::Volume], r#"/vmfs/volumes/([^\s"'\r\n<>|,;()\]]{1,600})"#),
    (&[Holds::Volume], r#"(?i)\bds:///vmfs/volumes/([^\s"'\r\n<>|,;()\]]{1,600})"#),
    (
        &[Holds::Name(Class::Datastore), Holds::Path],
        r#"\[([^\]\r\n\[/\\:=@"']{1,80})\] ([^\s"'\r\n<>|\]:=/][^"'\r\n<>|\]:=/]{0,100}/[^"'\r\n<>|\]:=]{1,200}?\.(?:{ext})\b~?)"#,
    ),
    (&[Holds::Name(Class::Datastore), Holds::Path], r#"["']\[([^\]\r\n\[/\\:=@"']{1,80})\] ?([^"'\r\n]{0,300})["']"#),
    (
        &[Holds::Name(Class::User)],
        r#"(?i)[\\/](?:Users|home|Documents and Settings)[\\/]+([^\\/\r\n"':*?<>|]{1,60})[\\/]"#,
    ),
    (
        &[Holds::Name(Class::User)],
        r#"(?i)[\\/](?:Users|home|Documents and Settings)[\\/]+([^\\/\s"':*?<>|,;()]{1,60})"#,
    ),
    (&[Holds::Path], r#"["'][A-Za-z]:(\\[^"'\r\n<>|]{1,600})["']"#),
    (
        &[Holds::Path],
        r#"\b[A-Za-z]:(\\[^"'\r\n<>|*?,;()]{1,300}?\.(?:{ext}|exe|dll|ini|txt|rom|bin|dat|xml|conf|sys|ico)\b)"#,
    ),
    (&[Holds::Path], r#"\b[A-Za-z]:(\\(?:[^\\/"'\r\n<>|*?:;,]{1,80}\\)*[^\s"'\r\n<>|*?,;()]{0,200})"#),
    (&[Holds::Host, Holds::Path], r#"(?:^|[\s"'=(])\\\\([A-Za-z0-9._-]{2,})\\([^\s"'\r\n<>|*?,;()]{1,300})"#),
    (&[Holds::Path], r#"["'](/(?:home|Users|media|mnt|Volumes|data|srv|root)/[^"'\r\n]{1,400})["']"#),
    (
        &[Holds::Path],
        r#"(/(?:home|Users|media|mnt|Volumes|data|srv|root)/[^"'\r\n<>|,;:()=]{1,300}?\.(?:{ext}|iso|img|conf|ini|txt|xml)\b)"#,
    ),
    (&[Holds::Path], r#"(/(?:home|Users|media|mnt|Volumes|data|srv|root)/[^\s"'\r\n<>|,;()]{1,400})"#),
    // `"NAME.vmdk"`, in configurations and dumps.
    (&[Holds::File], r#"["']([^"'\r\n/\\<>|:=]{1,160}\.(?:{ext}))["']"#),
    (
        &[Holds::Name(Class::Vm)],
        r#"(?i)\bDICT[ \t]+(?:displayName|[\w.]*openedObj\d+\.name)[ \t]*=[ \t]*([^"\r\n]{1,120}?)[ \t]*\r?$"#,
    ),
    (&[Holds::File], r#"\bDICT[ \t]+[\w.:]+[ \t]*=[ \t]*([^"'\r\n/\\<>|:=]{1,160}\.(?:{ext}))[ \t]*\r?$"#),
    // Accounts and addresses of mail.
    (&[Holds::Mail], r"([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)"),
    (
        &[Holds::User],
        r#"(?i)\b(?:user(?:_?name)?|principal|owner|account|fullUserName|login_?name)[ \t]*[=:][ \t]*["']?([^\s"',;\])(<>=]{1,120})"#,
    ),
    (&[Holds::User], r"\b[Uu]ser '?([A-Za-z0-9._$-]+(?:\\{1,2}[A-Za-z0-9._$-]+)?)'?(?:@| logged | from )"),
    (&[Holds::User], r"\b(?:for(?: invalid)? user|publickey for|for) ([A-Za-z0-9._$\\-]+)(?:@[^\s]*)? from "),
    (&[Holds::User], r"\b(?:by|as|By|session opened for user) ([A-Z][A-Z0-9.-]+\\{1,2}[A-Za-z0-9._$-]+)"),
    // Hosts.
    (
        &[Holds::Host],
        r#"(?i)\b(?:host ?name|host_name|computer ?name|nodename|fqdn|dnsName|guestHostName|serverName|kmsServer|server address)(?:&quot;|["'\\])*[ \t]*[=:][ \t]*(?:&quot;|["'\\])*([A-Za-z0-9][A-Za-z0-9._-]{1,200})"#,
    ),
    (&[Holds::Host], r"(?i)\b(?:https?|kmip|ldaps?|nfs|ftp|tcp|ssl)://([A-Za-z0-9][A-Za-z0-9.-]{1,200})"),
    // The sender in the head of a line of syslog.
    (
        &[Holds::Host],
        r"^(?:<\d{1,3}>)?(?:\d )?(?:[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)) ([A-Za-z0-9_.-]{2,100}) [A-Za-z/][A-Za-z0-9_./-]{0,60}(?:\[\d+\])?: ",
    ),
    (&[Holds::Host], r"^(?:<\d{1,3}>)1 \d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d) ([A-Za-z0-9_.-]{2,100}) "),
    (&[Holds::User, Holds::Group], r"\[vim\.event\.\w+\] \[\w*\] \[([^\]\r\n]*)\] \[([^\]\r\n]*)\]"),
    (&[Holds::Host], r"\b((?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{7,12})\b"),
    (
        &[Holds::Host],
        r"(?i)\b((?:[a-z0-9][a-z0-9-]*\.){2,}(?:com|net|org|local|lan|lab|internal|intern|intra|corp|example|test|home|arpa|de|fr|uk|eu|us|ca|ch|at|be|nl|it|es|pt|pl|cz|se|fi|dk|ie|jp|cn|au|br|mx|gov|edu|mil|cloud|biz|loc|priv))\b",
    ),
    // Names of inventories and devices.
    (&[Holds::Name(Class::Note)], r"(?i)Found device \[name:([^\]\r\n]{1,120}?) vid:"),
    (&[Holds::Name(Class::Vm)], r#"(?i)\b(?:displayName|vmName)[ \t]*=[ \t]*"([^"\r\n]{1,120})""#),
    (
        &[Holds::Name(Class::Network)],
        r#"(?i)\b(?:networkName|portgroup(?:Name)?|dvs(?:witch)?Name|switchName|ethernet\d+\.vnet|opaqueNetworkName)[ \t]*[=:][ \t]*"([^"\r\n]{1,120})""#,
    ),
    (
        &[Holds::Name(Class::Group)],
        r#"(?i)\b(?:clusterName|datacenterName|resourcePoolName|folderName|computeResourceName)[ \t]*[=:][ \t]*"([^"\r\n]{1,120})""#,
    ),
    (&[Holds::Name(Class::Group)], r"(?i)\bin cluster ([A-Za-z0-9_.-]+) in "),
    (&[Holds::Name(Class::Group)], r"\bin ((?:DC|Datacenter|dc)[A-Za-z0-9_.-]*) (?:is|has|was|on|failed|could)\b"),
    (&[Holds::Group], r#"["'(\s](/[^/"'\r\n]{1,80}/(?:vm|host|network|datastore)/[^"'\r\n),;]{1,300})["')]"#),
    (
        &[Holds::Name(Class::Serial)],
        r#"(?i)\b(?:serial ?(?:number|no\.?)?|service ?tag|asset ?tag|product ?id)(?:&quot;|["'\\])*[ \t]*[=:][ \t]*(?:&quot;|["'\\])*([A-Za-z0-9][A-Za-z0-9._/-]{3,64})"#,
    ),
    (&[Holds::Name(Class::Serial)], r#"(?i)\b(?:iqn\.\d{4}-\d\d|t10)\.([^\s"'\r\n,;)\]]{3,200})"#),
    (
        &[Holds::Name(Class::Ticket)],
        r"(?i)\b(?:SR|case|support request|(?:ticket|incident)(?: no\.?| number| id)?[#: -]*[#:])(?: no\.?| number)?[ #:-]{1,3}(\d{6,14})\b",
    ),
    (&[Holds::Name(Class::Ticket)], r"\b((?:INC|CHG|REQ|RITM|PRB|TASK)\d{5,12})\b"),
    // Ids and addresses, wherever they stand.
    (&[Holds::Hex], r"(?i)\b(?:naa|eui|vml)\.([0-9a-f]{10,64})"),
    (&[Holds::Hex, Holds::Hex], r"(?i)\bfc\.([0-9a-f]{16}):([0-9a-f]{16})"),
    (&[Holds::Hex], r"(?i)\bvsan:(?://)?([0-9a-f]{8}[0-9a-f-]{6,28})"),
    (&[Holds::Hex], r"(?i)\bsession[=: ]+([0-9a-f]{8})\b"),
    (
        &[Holds::Hex],
        r"(?i)([0-9a-f]{8}(?:-|%2d)[0-9a-f]{4}(?:-|%2d)[0-9a-f]{4}(?:-|%2d)[0-9a-f]{4}(?:-|%2d)[0-9a-f]{12}|[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16}-[0-9a-f]{16}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})",
    ),
    (&[Holds::Hex], r"(?i)((?:[0-9a-f]{2}:){5,31}[0-9a-f]{2})"),
    (&[Holds::Hex], r"(?i)((?:[0-9a-f]{2}[ -]){9,19}[0-9a-f]{2})"),
    (&[Holds::HexWithLetters], r"(?i)((?:[0-9a-f]{2}-){5}[0-9a-f]{2})"),
    (&[Holds::V4], r"((?:\d{1,3}\.){3}\d{1,3})"),
    (&[Holds::V6], r"([0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]+:[0-9A-Fa-f]{0,4}(?:\d*\.\d+\.\d+\.\d+)?)"),
];

/// Endings of the files that a VM or a host has.
const EXTENSIONS: &str = "vmxf|vmx|vmdk|nvram|vmsd|vmsn|vmss|vmem|vswp|hlog|vmtx|vmpl|scoreboard|log|gz|iso|flp|lck|json|dump|zdump|ova|ovf|mf|vmfd|uwswp|ctk|vmkdump|sf|vib|dvsData|lock";

/// The rules, ready for use.
#[derive(Debug)]
pub(crate) struct Places {
    rules: Vec<(&'static [Holds], Regex)>,
}

impl Places {
    /// The same for every run: made once, since that takes longer than reading a short log.
    pub(crate) fn get() -> Result<&'static Self, Error> {
        static PLACES: OnceLock<Places> = OnceLock::new();
        if let Some(places) = PLACES.get() {
            return Ok(places);
        }
        let places = Self::new()?;
        Ok(PLACES.get_or_init(|| places))
    }

    fn new() -> Result<Self, Error> {
        let rules = RULES.iter().map(|(holds, pattern)| {
            let pattern = format!("(?-u)(?m){}", pattern.replace("{ext}", EXTENSIONS));
            Ok((*holds, Regex::new(&pattern).map_err(|why| Error::Rule { why: why.to_string() })?))
        });
        Ok(Self { rules: rules.collect::<Result<_, Error>>()? })
    }

    /// Every place in a text of whole lines, in order, none in another.
    pub(crate) fn find(&self, text: &[u8]) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut taken = Taken::default();
        for (holds, regex) in &self.rules {
            for captures in regex.captures_iter(text) {
                for (index, holds) in holds.iter().enumerate() {
                    let Some(group) = captures.get(index + 1) else { continue };
                    for hit in hits_of(*holds, text, group.range()) {
                        if hit.at.start < hit.at.end && taken.take(&hit.at) {
                            hits.push(hit);
                        }
                    }
                }
            }
        }
        hits.sort_by_key(|it| it.at.start);
        hits
    }
}

/// Stretches that a rule has claimed.
#[derive(Debug, Default)]
struct Taken(std::collections::BTreeMap<usize, usize>);

impl Taken {
    fn take(&mut self, at: &Range<usize>) -> bool {
        let before = self.0.range(..at.end).next_back();
        if before.is_some_and(|(_, end)| *end > at.start) {
            return false;
        }
        self.0.insert(at.start, at.end);
        true
    }
}

fn hits_of(holds: Holds, text: &[u8], at: Range<usize>) -> Vec<Hit> {
    let name = |class, at: Range<usize>| Hit { at, what: What::Name(class) };
    let bytes = text.get(at.clone()).unwrap_or_default();
    match holds {
        Holds::Name(_) if is_long_hex(bytes) => vec![Hit { at, what: What::Hex }],
        Holds::Name(class) => vec![name(class, at)],
        Holds::Secret => vec![Hit { at, what: What::Secret }],
        Holds::Hex | Holds::HexWithLetters => {
            let letters = bytes.iter().any(|it| matches!(it.to_ascii_lowercase(), b'a'..=b'f'));
            let digits = hex::digits(bytes);
            let is_one = digits.len() >= 8 && stands_alone(text, &at) && !all_equal(&digits);
            let is_one = is_one && (letters || matches!(holds, Holds::Hex) && digits.len() >= 8);
            if is_one { vec![Hit { at, what: What::Hex }] } else { Vec::new() }
        }
        Holds::V4 => {
            if is_address(text, &at) {
                vec![Hit { at, what: What::V4 }]
            } else {
                Vec::new()
            }
        }
        Holds::V6 => {
            if is_v6(text, &at) {
                vec![Hit { at, what: What::V6 }]
            } else {
                Vec::new()
            }
        }
        Holds::User => user(bytes, at.start),
        Holds::Mail => {
            let Some(middle) = bytes.iter().position(|it| *it == b'@') else { return Vec::new() };
            let user = name(Class::User, at.start..at.start + middle);
            let host = at.start + middle + 1..at.end;
            if text.get(host.clone()).is_some_and(looks_like_v4) {
                return vec![user];
            }
            vec![user, name(Class::Domain, host)]
        }
        Holds::Host => {
            if looks_like_v4(bytes) {
                Vec::new()
            } else {
                vec![name(Class::Host, at)]
            }
        }
        Holds::Volume | Holds::Path | Holds::Group | Holds::File => {
            let parts = path::parts(bytes, at.start);
            let parts = parts.into_iter().enumerate().map(|(index, part)| {
                let class = match holds {
                    Holds::Volume if index == 0 => Class::Datastore,
                    Holds::Group => Class::Group,
                    _ => Class::File,
                };
                let vsan = text.get(part.clone()).is_some_and(|it| it.starts_with(b"vsan:"));
                let part = if vsan { part.start + 5..part.end } else { part };
                let hex = text.get(part.clone()).is_some_and(is_long_hex);
                Hit { at: part, what: if hex { What::Hex } else { What::Name(class) } }
            });
            parts.collect()
        }
    }
}

/// The parts of a name of an account: `vpxuser:VSPHERE.LOCAL\Administrator`, `CORP\\jdoe`.
fn user(bytes: &[u8], start: usize) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut from = 0;
    for (index, byte) in bytes.iter().chain(b":").enumerate() {
        if !matches!(byte, b':' | b'\\' | b'@' | b'/') {
            continue;
        }
        if from < index {
            let class = if *byte == b'\\' { Class::Domain } else { Class::User };
            let part = bytes.get(from..index).unwrap_or_default();
            // Numbers of processes, and of languages in hexadecimal.
            let is_number =
                part.iter().all(u8::is_ascii_digit) || part.len() <= 4 && part.iter().all(u8::is_ascii_hexdigit);
            if !looks_like_v4(part) && !is_number {
                hits.push(Hit { at: start + from..start + index, what: What::Name(class) });
            }
        }
        from = index + 1;
    }
    hits
}

/// Whether neither a letter nor a digit stands beside it.
fn stands_alone(text: &[u8], at: &Range<usize>) -> bool {
    let before = at.start.checked_sub(1).and_then(|it| text.get(it));
    let escaped = at.start >= 3 && text.get(at.start - 3) == Some(&b'%');
    (escaped || !before.is_some_and(u8::is_ascii_alphanumeric))
        && !text.get(at.end).is_some_and(u8::is_ascii_alphanumeric)
}

fn all_equal(digits: &[u8]) -> bool {
    digits.windows(2).all(|pair| matches!(pair, [a, b] if a == b))
}

fn is_long_hex(bytes: &[u8]) -> bool {
    let digits = hex::digits(bytes);
    let rest = bytes.iter().all(|it| it.is_ascii_hexdigit() || matches!(it, b'-' | b'%'));
    digits.len() >= 14 && rest && digits.iter().any(u8::is_ascii_digit) && !all_equal(&digits)
}

fn looks_like_v4(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|it| it.parse::<std::net::Ipv4Addr>().is_ok())
}

/// Whether four numbers with points are an address, and no version, mask or part of a longer number.
fn is_address(text: &[u8], at: &Range<usize>) -> bool {
    let bytes = text.get(at.clone()).unwrap_or_default();
    let Some(address) = std::str::from_utf8(bytes).ok().and_then(|it| it.parse::<std::net::Ipv4Addr>().ok()) else {
        return false;
    };
    let before = text.get(at.start.saturating_sub(12)..at.start).unwrap_or_default().to_ascii_lowercase();
    let after = text.get(at.end..).unwrap_or_default();
    let longer = before.last().is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'.')
        || matches!(after, [b'.', b'0'..=b'9', ..])
        || after.first().is_some_and(u8::is_ascii_alphanumeric);
    let version =
        [&b"version "[..], b"version=", b"version:", b"version: ", b"ver ", b"ver=", b"version=\"", b"build "]
            .iter()
            .any(|it| before.ends_with(it));
    let agent = address.octets().get(2..) == Some(&[0, 0])
        && matches!(before.as_slice(), [.., letter, b'/'] if letter.is_ascii_alphabetic());
    let special = address.is_loopback() || address.is_unspecified() || address.octets().starts_with(&[255]);
    !longer && !version && !agent && !special
}

fn is_v6(text: &[u8], at: &Range<usize>) -> bool {
    let bytes = text.get(at.clone()).unwrap_or_default();
    let address = std::str::from_utf8(bytes).ok().and_then(|it| it.parse::<Ipv6Addr>().ok());
    let before = at.start.checked_sub(1).and_then(|it| text.get(it));
    let after = text.get(at.end);
    let beside = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b':' | b'_' | b'.');
    address.is_some_and(|it| !it.is_loopback() && !it.is_unspecified())
        && bytes.iter().any(u8::is_ascii_digit)
        && bytes.len() > 5
        && !before.is_some_and(beside)
        && !after.is_some_and(|it| beside(it) && *it != b'.')
}
