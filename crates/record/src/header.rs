use bstr::ByteSlice;
use esxray_model::FormatName;

/// What a log says of the product that wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Such as `VMware ESX`.
    pub product: Option<String>,
    /// Such as `8.0.2`.
    pub version: Option<String>,
    /// Build number, digits only.
    pub build: Option<String>,
    /// Such as `windows-1252`: the encoding of names and paths in a `vmware.log`.
    pub code_page: Option<String>,
    /// Seconds east of UTC of the host's local time. The log prints it with the sign turned round.
    pub utc_offset: Option<i32>,
    /// Name of the host, where a syslog relay gives it.
    pub host: Option<String>,
}

impl Header {
    /// Takes what a record says, if it is a header line; the latest one of a source holds.
    pub(crate) fn learn(&mut self, format: FormatName, message: &[u8]) {
        if format == FormatName::VmwareLog {
            if let Some(rest) = message.strip_prefix(b"Log for ") {
                // `VMware ESX pid=2100101 version=8.0.2 build=build-22380479 option=Release`
                self.product = rest.find(" pid=").map(|end| lossy(rest.get(..end)));
                self.version = value(rest, b"version=", b" ");
                self.build = value(rest, b"build=", b" ").map(|it| it.trim_start_matches("build-").to_owned());
            } else if message.starts_with(b"Host codepage=") {
                self.code_page = value(message, b"codepage=", b" ");
            } else if let Some(rest) = message.strip_prefix(b"Host offset from UTC is ") {
                self.utc_offset = inverted_offset(rest);
            }
        } else if let Some(at) = message.find("Section for ") {
            // `Section for VMware ESX, pid=2099001, version=7.0.3, build=20328353, option=Release`
            let rest = message.get(at + "Section for ".len()..).unwrap_or_default();
            self.product = rest.find(", pid=").map(|end| lossy(rest.get(..end)));
            self.version = value(rest, b"version=", b",");
            self.build = value(rest, b"build=", b",");
        }
    }
}

/// Reads `-05:30.` of `Host offset from UTC is -05:30.`, which India prints: the sign is turned round.
fn inverted_offset(text: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(text).ok()?.trim().trim_end_matches('.');
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (1, text.get(1..)?),
        b'+' => (-1, text.get(1..)?),
        _ => (-1, text),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then(|| sign * (hours * 3600 + minutes * 60))
}

fn lossy(text: Option<&[u8]>) -> String {
    text.unwrap_or_default().to_str_lossy().into_owned()
}

fn value(text: &[u8], key: &[u8], end: &[u8]) -> Option<String> {
    let from = text.find(key)? + key.len();
    let rest = text.get(from..)?;
    let until = rest.find(end).unwrap_or(rest.len());
    let value = rest.get(..until)?.trim();
    (!value.is_empty()).then(|| lossy(Some(value)))
}

#[cfg(test)]
mod tests {
    use esxray_model::FormatName;

    use super::Header;

    #[test]
    fn a_vmx_header() {
        let mut header = Header::default();
        header.learn(
            FormatName::VmwareLog,
            b"Log for VMware ESX pid=2100101 version=8.0.2 build=build-22380479 option=Release",
        );
        header.learn(FormatName::VmwareLog, b"Host codepage=UTF-8 encoding=UTF-8");
        header.learn(FormatName::VmwareLog, b"Host offset from UTC is -05:30.");
        assert_eq!(header.product.as_deref(), Some("VMware ESX"));
        assert_eq!(header.version.as_deref(), Some("8.0.2"));
        assert_eq!(header.build.as_deref(), Some("22380479"));
        assert_eq!(header.code_page.as_deref(), Some("UTF-8"));
        assert_eq!(header.utc_offset, Some(19_800), "India is east of UTC");
    }

    #[test]
    fn section_lines_of_three_releases() {
        for (text, version, build) in [
            ("Section for VMware ESX, pid=34652, version=6.0.0, build=3620759, option=Release", "6.0.0", "3620759"),
            (
                "- time the service was last started, Section for VMware ESX, pid=1, version=6.7.0, build=15160138, option=Release",
                "6.7.0",
                "15160138",
            ),
            ("Section for VMware VirtualCenter, pid=6432, version=6.0.0, build=2255588", "6.0.0", "2255588"),
        ] {
            let mut header = Header::default();
            header.learn(FormatName::Hostd, text.as_bytes());
            assert_eq!((header.version.as_deref(), header.build.as_deref()), (Some(version), Some(build)));
        }
    }
}
