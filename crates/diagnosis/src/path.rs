//! Paths on datastores, in the forms that logs give them.

/// A file on a datastore.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StoredPath {
    /// Name or UUID of the datastore, as the path gives it; empty where it gives none.
    pub datastore: String,
    /// The folders, without the datastore.
    pub folder: String,
    /// The file's name.
    pub file: String,
}

impl StoredPath {
    /// Reads `/vmfs/volumes/<datastore>/<folder>/<file>`, `[<datastore>] <folder>/<file>`, or any other path.
    pub(crate) fn read(path: &str) -> Self {
        let path = path.trim().trim_start_matches("ds://");
        let (datastore, rest) = if let Some(rest) = path.strip_prefix("/vmfs/volumes/") {
            rest.split_once('/').unwrap_or((rest, ""))
        } else if let Some((name, rest)) = path.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            (name, rest)
        } else {
            ("", path)
        };
        let at = rest.rfind(['/', '\\']);
        let folder = at.and_then(|at| rest.get(..at)).unwrap_or_default();
        let file = at.map_or(rest, |at| rest.get(at + 1..).unwrap_or_default());
        Self { datastore: datastore.to_owned(), folder: folder.to_owned(), file: file.to_owned() }
    }

    /// Whether the datastore is given by a UUID, which is the same on every host, and not by an alias.
    pub(crate) fn has_uuid(&self) -> bool {
        let plain = self.datastore.trim_start_matches("vsan:");
        plain.len() > 16 && plain.contains('-') && plain.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    }

    /// The disk's descriptor: extents and change-tracking files lie beside it under longer names.
    pub(crate) fn descriptor(&self) -> String {
        let stem = self.file.strip_suffix(".vmdk").unwrap_or(&self.file);
        let stem = ["-flat", "-sesparse", "-delta", "-ctk", "-rdm", "-rdmp"]
            .iter()
            .find_map(|suffix| stem.strip_suffix(suffix))
            .unwrap_or(stem);
        format!("{}/{stem}.vmdk", self.folder)
    }
}

/// The name that a disk has without the number of a snapshot: `APP-01` for `APP-01-000002.vmdk`;
/// `None` for a disk that is no snapshot's.
pub(crate) fn before_snapshot(file: &str) -> Option<&str> {
    let stem = file.strip_suffix(".vmdk").unwrap_or(file);
    let (base, number) = stem.rsplit_once('-')?;
    (number.len() == 6 && number.bytes().all(|it| it.is_ascii_digit())).then_some(base)
}

#[cfg(test)]
mod tests {
    use super::{StoredPath, before_snapshot};

    #[test]
    fn the_disk_of_a_snapshot_has_six_digits() {
        assert_eq!(before_snapshot("APP-01-000002.vmdk"), Some("APP-01"));
        assert_eq!(before_snapshot("APP-01-2.vmdk"), None);
        assert_eq!(before_snapshot("APP-01.vmdk"), None);
    }

    #[test]
    fn the_forms_of_a_path() {
        for (text, datastore, folder, file) in [
            ("/vmfs/volumes/ds1/APP-01/APP-01.vmx", "ds1", "APP-01", "APP-01.vmx"),
            ("[ds 1] APP-01/APP-01.vmx", "ds 1", "APP-01", "APP-01.vmx"),
            ("ds:///vmfs/volumes/ds1/a b/c.vmdk", "ds1", "a b", "c.vmdk"),
            (r"C:\VMs\x\x.vmx", "", r"C:\VMs\x", "x.vmx"),
            ("x.vmdk", "", "", "x.vmdk"),
        ] {
            let path = StoredPath::read(text);
            assert_eq!((path.datastore.as_str(), path.folder.as_str(), path.file.as_str()), (datastore, folder, file));
        }
        assert!(StoredPath::read("/vmfs/volumes/5da038ba-e597d618-62f1-ecf4bbd3e0d0/a/a.vmx").has_uuid());
        assert!(!StoredPath::read("/vmfs/volumes/ds1/a/a.vmx").has_uuid());
    }

    #[test]
    fn extents_belong_to_their_descriptor() {
        for file in ["APP-01.vmdk", "APP-01-flat.vmdk", "APP-01-ctk.vmdk", "APP-01-sesparse.vmdk"] {
            assert_eq!(
                StoredPath::read(&format!("/vmfs/volumes/ds1/APP-01/{file}")).descriptor(),
                "APP-01/APP-01.vmdk"
            );
        }
    }
}
