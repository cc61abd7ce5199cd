//! What the syslog daemon of a host writes into its files: `syslog.log`, `shell.log`, `auth.log`, and from
//! release 8 on also `hostd.log`, `vpxa.log`, `vmkernel.log`, `vobd.log` and the rest.
//!
//! The program on the line decides which log it is.

use esxray_model::FormatName;

use super::{
    DIGIT, Dialect, Glance, Joins, Kin, STAMP_BRACKET, STAMP_LEVEL, STAMP_TEXT, esxupdate, is_mark, letters_and_number,
    program, vmkernel, word,
};
use crate::Certainty;
use crate::stamp::{Stamp, iso};

pub(crate) static DIALECTS: &[Dialect] = &[
    Dialect {
        generation: "8",
        format: None,
        other: FormatName::Syslog,
        kin: Kin::Daemons,
        opens: STAMP_LEVEL | DIGIT,
        glance: glance_8,
        claims: |line| glance_8(line).is_some(),
        open: program::open,
        joins: Joins::Text,
        samples: &[
            "2025-12-11T16:43:25.003Z Er(163) Hostd[169828]: [Originator@6876 sub=Vmsvc opID=ab] text",
            "2025-12-11T16:43:23.314Z In(166) Hostd[169797]: --> [context]zKq7AVICAgAAAB28[/context]",
            "2024-01-01T00:00:00.000Z In(166) Hostd[132083]: - time the service was last started 2024-01-01T00:00:00.000Z, Section for VMware ESX, pid=132083, version=8.0.3, build=24022510, option=Release",
            "2022-06-02T02:15:22.987Z In(166) Hostd[1001392061]: info -[1001392061] [Originator@6876 sub=Default] Supported VMs 640",
            "2024-05-02T12:00:01.123Z Wa(164) Fdm[2100345]: [Originator@6876 sub=Invt] Host host-12 changed state: Dead",
            "2023-12-05T17:36:17.835Z In(14) shell[1053659]: [root]: vim-cmd vmsvc/getallvms",
            "2025-12-11T16:42:01.169Z In(182) vmkernel: cpu0:170428)Config: 727: \"TrackHistos\" = 1, Old Value: 0, (Status: 0x0)",
            "2023-08-08T15:08:36.834Z Wa(180) vmkwarning: cpu0:263421 opID=a03fc439)WARNING: Sched: vm 265285: 6404: could not create container group",
            "2025-01-19T19:12:20.894Z Al(177) vmkalert: cpu66:2097709)ALERT: hostd detected to be non-responsive",
            "2023-08-08T14:13:55Z In(182) vmkernel: VMB: 65: Reserved 4 MPNs starting @ 0x4c1",
            "2025-01-23T22:10:20Z In(182) vmkernel: 9127.5:D:Disable PCIe VDM on PF0",
            "2024-02-03T04:05:06.737Z In(14) vobd[2097521]:  [UserLevelCorrelator] 1012726884193us: [vob.user.ssh.session.closed] SSH session was closed for 'ann@192.0.2.7'.",
            "2023-12-05T17:35:43.281Z In(38) sshd[1053654]: Connection from 192.0.2.10 port 58470",
            "2023-12-05T17:35:29.040Z No(13) SSH[1053644]: SSH login enabled",
            "2022-05-17T07:39:38.357Z In(9) watchdog-vobd[1001390409]: Executing '/usr/lib/vmware/vob/bin/vobd'",
            "2022-06-02T05:34:23Z In(14)[+] hostprofile[1001430319]: {'mode': 'Disabled', 'exceptionUsers': []}",
            // The daemon of 2022 tore date and time apart.
            "2022-06-02 In(14) hostprofile[1001430319]: 05:34:23.666 {'mode': 'Disabled', 'exceptionUsers': []}",
            "2025-08-12T09:44:57Z Er(11) esxupdate[2109082]: An esxupdate error exception was caught:",
            "2022-06-02T02:56:51.640Z In(14) last message repeated 3 times",
        ],
    },
    Dialect {
        generation: "7",
        format: None,
        other: FormatName::Syslog,
        kin: Kin::Daemons,
        opens: STAMP_TEXT | STAMP_BRACKET,
        glance: glance_7,
        claims: |line| glance_7(line).is_some(),
        open: program::open,
        joins: Joins::Text,
        samples: &[
            "2025-08-22T07:35:29Z ESXShell: ESXi Shell unavailable",
            "2020-08-22T07:35:29.123Z shell[2099491]: [root]: vim-cmd vmsvc/getallvms",
            "2017-09-15T09:49:10Z bootstop: Host has booted",
            "2025-09-18T02:45:00.360Z Host has booted",
            "2017-09-15T09:48:53Z mark: storage-path-claim-completed",
            "2018-08-30T04:00:01Z heartbeat: up 0d17h24m17s, 3 VMs; [[2723 hostd-worker 33844kB]] [[3411 sfcb-pycim 16%max]]",
            "2019-03-04T05:06:07Z sshd[2100123]: Accepted keyboard-interactive/pam for root from 192.0.2.7 port 50122 ssh2",
            "2017-06-06T02:58:33Z crond[2193383]: crond: USER root pid 2193399 cmd /bin/hostd-probe.sh",
            "2019-01-01T00:00:00Z smartd: [warn] naa.600: REALLOCATED SECTOR CT below threshold (0 < 90)",
            "2020-05-11T22:32:09Z esxupdate: 1000211352: root: INFO: Command = profile.setacceptance",
            "2013-06-26T10:24:51Z esxupdate: HostImage: INFO: Attempting to download VIB tools-light",
            "2020-05-11T22:32:56Z lifecycle: 1000212917: lifecyclectl:58 ERROR Failed to delete pidfile",
            "2020-05-11T22:32:22.932Z [/etc/init.d/vvold[1000211787]: WaitVvoldToComeUp /var/run/vmware/.vmware-vvol.started created]",
        ],
    },
];

/// Releases 8 and 9: letters and priority, and every continuation line with a full head.
fn glance_8(line: &[u8]) -> Option<Glance<'_>> {
    let Some((stamp, used)) = iso(line) else { return torn_8(line) };
    let rest = line.get(used..)?.strip_prefix(b" ")?;
    let (level, plus, used) = letters_and_number(rest)?;
    let rest = rest.get(used..)?.strip_prefix(b" ")?;
    let (token, body) = word(rest);
    let Some(who) = tag(token) else { return repeated(stamp, rest) };
    let mut glance = Glance::new(Some(stamp), who, body);
    glance.level = Some(level);
    glance.more = plus || is_mark(body);
    Some(glance)
}

/// `2022-06-02 In(14) hostprofile[1001430319]: 05:34:23.666 text`: date and time stand apart.
fn torn_8(line: &[u8]) -> Option<Glance<'_>> {
    let (date, rest) = line.split_at_checked(10)?;
    let rest = rest.strip_prefix(b" ")?;
    let (level, plus, used) = letters_and_number(rest)?;
    let (token, rest) = word(rest.get(used..)?.strip_prefix(b" ")?);
    let (clock, body) = word(rest);
    // No clock is longer than `05:34:23.666666666`.
    let mut joined = [b'T'; 29];
    joined.get_mut(..10)?.copy_from_slice(date);
    joined.get_mut(11..11 + clock.len())?.copy_from_slice(clock);
    let (stamp, used) = iso(joined.get(..11 + clock.len())?)?;
    let mut glance = Glance::new(Some(stamp), tag(token)?, body);
    (glance.level, glance.more) = (Some(level), plus);
    (used == 11 + clock.len()).then_some(glance)
}

/// `last message repeated 3 times`, which the daemon says in its own name.
fn repeated(stamp: Stamp, text: &[u8]) -> Option<Glance<'_>> {
    let bare = text.strip_prefix(b"--- ").unwrap_or(text);
    bare.starts_with(b"last message repeated ").then(|| Glance::new(Some(stamp), b"", text))
}

/// Releases 5 to 7: stamp and program; the family of `hostd` and the kernel wrote files of their own.
fn glance_7(line: &[u8]) -> Option<Glance<'_>> {
    let (stamp, used) = iso(line)?;
    let rest = line.get(used..)?.strip_prefix(b" ")?;
    if stamp.certainty != Certainty::Full {
        return None;
    }
    // Without its program: `2025-09-18T02:45:00.360Z Host has booted`.
    if [&b"Host has booted"[..], b"Host is rebooting", b"Host is powering off", b"Host is halting"].contains(&rest) {
        return Some(Glance::new(Some(stamp), b"bootstop", rest));
    }
    // A script of `/etc/init.d` puts all of its line into a bracket.
    if let Some(inside) = rest.strip_prefix(b"[").and_then(|inside| inside.strip_suffix(b"]")) {
        let (token, body) = word(inside.strip_prefix(b"/").map(|_| inside)?);
        return Some(Glance::new(Some(stamp), tag(token)?, body));
    }
    let (token, body) = word(rest);
    let mut glance = Glance::new(Some(stamp), daemon(token)?, body);
    glance.level = esxupdate::level(glance.who, body).or_else(|| vmkernel::level_of(glance.who, body));
    glance.more = is_mark(body);
    Some(glance)
}

/// `Hostd[169828]:` or `vmkernel:`: the program.
pub(super) fn tag(token: &[u8]) -> Option<&[u8]> {
    let token = token.strip_suffix(b":")?;
    let name = match memchr::memchr(b'[', token) {
        Some(open) => {
            let inside = token.get(open + 1..)?.strip_suffix(b"]")?;
            let sound = !inside.is_empty() && inside.iter().all(u8::is_ascii_hexdigit);
            token.get(..open).filter(|_| sound)?
        }
        None => token,
    };
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./".contains(byte);
    (!name.is_empty() && name.iter().all(fits)).then_some(name)
}

/// As [`tag`], where no priority says that this is a syslog.
///
/// A word with a colon may be anything (`Error: …`), so a program without a process id must be one that is
/// known, or be written as daemons are.
pub(super) fn daemon(token: &[u8]) -> Option<&[u8]> {
    let name = tag(token)?;
    let like_a_daemon = || {
        let fits = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(byte);
        name.len() > 2
            && name.iter().all(fits)
            && name.first().is_some_and(u8::is_ascii_lowercase)
            && esxray_model::Level::from_word(name).is_none()
    };
    let known = token.ends_with(b"]:") || like_a_daemon() || super::format_of_program(name).is_some();
    known.then_some(name)
}

#[cfg(test)]
mod tests {
    use esxray_model::Level;

    use super::{DIALECTS, Dialect};

    fn dialect(generation: &str) -> &'static Dialect {
        DIALECTS.iter().find(|it| it.generation == generation).unwrap()
    }

    #[test]
    fn date_and_time_apart_are_one_stamp() {
        let glance = (dialect("8").glance)(b"2022-06-02 In(14) hostprofile[1001430319]: 05:34:23.666 {'mode': 1}").unwrap();
        assert_eq!(glance.stamp.unwrap().time.unwrap().to_string(), "2022-06-02T05:34:23.666Z");
        assert_eq!((glance.who, glance.body), (&b"hostprofile"[..], &b"{'mode': 1}"[..]));
        for text in ["2022-06-02 In(14) x[1]: text", "2022-06-02 In(14) x[1]: 05:34", "2022-06-02 text"] {
            assert!((dialect("8").glance)(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_word_with_a_colon_is_not_yet_a_program() {
        for text in [
            "2022-06-02T12:25:11.537Z Error: text",
            "2022-06-02T12:25:11.537Z error: text",
            "2022-06-02T12:25:11.537Z cpu3:1234)WARNING: text",
            "2022-06-02T12:25:11.537Z [x]: text",
            "2022-06-02T12:25:11.537 crond: without a zone",
        ] {
            assert!((dialect("7").glance)(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn levels_of_old_files_come_from_the_text() {
        let level = |line: &str| (dialect("7").glance)(line.as_bytes()).unwrap().level;
        assert_eq!(level("2020-05-11T22:32:09Z esxupdate: 1000211352: root: ERROR: x"), Some(Level::Error));
        assert_eq!(level("2020-05-11T22:32:56Z lifecycle: 1: lifecyclectl:58 WARNING x"), Some(Level::Warning));
        assert_eq!(level("2020-05-11T22:32:56Z crond[1]: ERROR x"), None);
    }
}
