use std::fmt;

use crate::flaw::Flaw;
use crate::near::nearest;

macro_rules! placeholders {
    ($($(#[$meta:meta])* $variant:ident = $word:literal,)*) => {
        /// A value that the diagnosis fills into a command.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Placeholder { $($(#[$meta])* $variant,)* }

        impl Placeholder {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word between the braces.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The placeholder behind a word; `None` for an unknown word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

placeholders! {
    /// Display name of the VM.
    Vm = "vm",
    /// Number of the VM on its host.
    Vmid = "vmid",
    /// Path of the `.vmx` on a host: `/vmfs/volumes/…/APP-01.vmx`.
    VmxPath = "vmx_path",
    /// Path of the `.vmx` in vCenter: `[datastore] folder/APP-01.vmx`.
    VmxDatastorePath = "vmx_datastore_path",
    /// Managed object id of the VM in vCenter.
    Moref = "moref",
    /// Name of the host.
    Host = "host",
    /// Path of the virtual disk.
    Disk = "disk",
    /// Name of the key provider that an error names.
    Provider = "provider",
    /// Name of the key provider that the re-key comes from.
    FromProvider = "from_provider",
    /// Name of the key provider that the re-key goes to.
    ToProvider = "to_provider",
    /// Id of the KEK.
    KeyId = "key_id",
    /// Name of the datastore.
    Datastore = "datastore",
}

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One piece of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that stays as it is.
    Literal(String),
    /// The place of a value.
    Value(Placeholder),
}

/// A command or click path with the places of its values.
///
/// Placeholders are words in braces. Any other brace is literal, so that
/// PowerShell's script blocks need no escape. Quoting the values is up to
/// whoever fills them in.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::{Piece, Placeholder, Template};
///
/// let reload = Template::parse("vim-cmd vmsvc/reload {vmid}")?;
/// assert_eq!(reload.pieces(), [Piece::Literal("vim-cmd vmsvc/reload ".to_owned()), Piece::Value(Placeholder::Vmid)]);
///
/// let block = Template::parse("Get-VM {vm} | %{ $_.Name }")?;
/// assert_eq!(block.placeholders().collect::<Vec<_>>(), [Placeholder::Vm]);
///
/// assert!(Template::parse("vim-cmd vmsvc/reload {vm_id}").is_err());
/// # Ok::<(), esxray_knowledge::Flaw>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

impl Template {
    /// Reads a command.
    ///
    /// # Errors
    /// [`Flaw::UnknownPlaceholder`] if a word in braces is no placeholder.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let piece = |part: Part<'_>| match part {
            Part::Literal(text) => Ok(Piece::Literal(text.to_owned())),
            Part::Name(word) => {
                Placeholder::from_word(word).map(Piece::Value).ok_or_else(|| Flaw::UnknownPlaceholder {
                    found: word.to_owned(),
                    near: nearest(word, Placeholder::ALL.iter().map(|known| known.as_str())),
                })
            }
        };
        parts(text).into_iter().map(piece).collect::<Result<_, _>>().map(Self)
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The placeholders, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Value(placeholder) => Some(*placeholder),
        })
    }

    /// The first placeholder inside quotes or right behind a `$`.
    ///
    /// The value brings its own quotes: inside others they would end them, and
    /// `${vm}` would become `$'…'`, which `bash` reads as something else.
    pub(crate) fn quoted(&self) -> Option<Placeholder> {
        let mut open = None;
        let mut last = None;
        for piece in &self.0 {
            match piece {
                Piece::Value(placeholder) if open.is_some() || last == Some('$') => return Some(*placeholder),
                Piece::Value(_) => last = None,
                Piece::Literal(text) => {
                    for c in text.chars() {
                        match open {
                            None if matches!(c, '\'' | '"') => open = Some(c),
                            Some(quote) if quote == c => open = None,
                            _ => {}
                        }
                        last = Some(c);
                    }
                }
            }
        }
        None
    }
}

impl fmt::Display for Template {
    /// The text that it was read from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => f.write_str(text)?,
                Piece::Value(placeholder) => write!(f, "{{{placeholder}}}")?,
            }
        }
        Ok(())
    }
}

/// One part of a text with names in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'t> {
    /// Text that stays as it is.
    Literal(&'t str),
    /// What stood between the braces.
    Name(&'t str),
}

/// Splits a text such as a cause's title into literal text and the names in braces.
///
/// A name is a lower-case word of letters, digits and `_`. The parts together
/// are the whole text but for the braces of the names.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::{Part, parts};
///
/// assert_eq!(
///     parts("host lost key provider {provider} {}"),
///     [Part::Literal("host lost key provider "), Part::Name("provider"), Part::Literal(" {}")]
/// );
/// ```
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut literal = 0;
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|rest| rest.find('{')).map(|at| from + at) {
        from = open + 1;
        let Some(name) = text.get(from..).and_then(name_before_brace) else { continue };
        if let Some(before) = text.get(literal..open).filter(|before| !before.is_empty()) {
            parts.push(Part::Literal(before));
        }
        parts.push(Part::Name(name));
        from += name.len() + 1;
        literal = from;
    }
    if let Some(rest) = text.get(literal..).filter(|rest| !rest.is_empty()) {
        parts.push(Part::Literal(rest));
    }
    parts
}

/// The name at the start of `text`, if a name and a closing brace stand there.
fn name_before_brace(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let end = text.find(|c: char| !is_name(c))?;
    let (name, rest) = text.split_at_checked(end)?;
    (rest.starts_with('}') && name.starts_with(|c: char| c.is_ascii_lowercase())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{Part, Placeholder, Template, parts};

    #[test]
    fn a_template_prints_as_it_was_written() {
        for text in [
            "",
            "vim-cmd vmsvc/reload {vmid}",
            "{vm}{host}",
            "Get-VM {vm} | ?{$_.Name} | %{ @{a=1} } {",
            "awk '{print $1}'",
            "{{vm}}",
            "é{vm}é",
        ] {
            assert_eq!(Template::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn every_placeholder_has_its_word() {
        for placeholder in Placeholder::ALL {
            assert_eq!(Placeholder::from_word(placeholder.as_str()), Some(*placeholder));
            assert!(Template::parse(&format!("x {{{placeholder}}}")).is_ok());
        }
    }

    #[test]
    fn an_unknown_placeholder_names_the_nearest() {
        let flaw = Template::parse("vim-cmd vmsvc/reload {vm_id}").unwrap_err();
        assert_eq!(flaw.to_string(), "unknown placeholder `{vm_id}`; did you mean `vmid`?");
        let flaw = Template::parse("x {datacenter_name}").unwrap_err();
        assert_eq!(flaw.to_string(), "unknown placeholder `{datacenter_name}`");
    }

    #[test]
    fn quotes_around_a_placeholder_are_seen() {
        for (text, quoted) in [
            ("Get-VM {vm}", None),
            ("Get-VM '{vm}'", Some(Placeholder::Vm)),
            ("ls \"/vmfs/volumes/{datastore}\"", Some(Placeholder::Datastore)),
            ("grep 'a' {vm}", None),
            ("grep \"it's\" {vm} 'x {host}'", Some(Placeholder::Host)),
            ("echo ${vm}", Some(Placeholder::Vm)),
            ("echo $x{vm}", None),
        ] {
            assert_eq!(Template::parse(text).unwrap().quoted(), quoted, "{text}");
        }
    }

    #[test]
    fn only_a_lower_case_word_is_a_name() {
        assert_eq!(parts("{a_1} {A} {1} {a b} {a"), [Part::Name("a_1"), Part::Literal(" {A} {1} {a b} {a")]);
    }
}
