/// A folder of knowledge files that a user adds, as the caller read it.
///
/// It has the same form as the built-in base: `signatures/…`, `causes/…`,
/// `remedies/…`, `prohibitions/…`, in folders of any depth, one thing a file.
/// A file whose kind and id are already there **replaces the whole earlier file**,
/// whatever folder either stands in; later packs win over earlier ones.
/// Pages of documentation (`.md`) and everything below a name that starts with `.`
/// are left alone, any other file is refused.
///
/// # Examples
///
/// ```
/// use esxray_knowledge::{Knowledge, Pack, PackFile};
///
/// let text = r#"
/// text    = "do not format the datastore"
/// reason  = "the VM's files are on it"
/// sources = ["common sense"]
/// "#;
/// let pack = Pack {
///     name: "my-pack".to_owned(),
///     files: vec![PackFile { path: "prohibitions/do-not-format.toml".to_owned(), text: text.to_owned() }],
/// };
/// let knowledge = Knowledge::load(&[pack])?;
/// assert_eq!(knowledge.packs, ["builtin", "my-pack"]);
/// assert!(knowledge.prohibition("do-not-format").is_some());
/// # Ok::<(), esxray_knowledge::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its name in messages and reports: the folder as the user gave it.
    pub name: String,
    /// Its files, in any order.
    pub files: Vec<PackFile>,
}

/// One file of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackFile {
    /// Path below the pack's folder, with `/` on every system.
    pub path: String,
    /// What it holds.
    pub text: String,
}

/// The built-in files: path below `data/`, and text.
pub(crate) const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/data.rs"));

/// What the loader reads at most; everything beyond is refused before it is looked at.
///
/// They are far above what people write, and keep a hostile pack from costing
/// more than a moment. A caller that reads a folder can stop at the same limits.
pub mod limits {
    /// Files of one pack.
    pub const FILES: usize = 20_000;
    /// Bytes of all files of one pack.
    pub const PACK_BYTES: usize = 32 * 1024 * 1024;
    /// Bytes of one file.
    pub const FILE_BYTES: usize = 256 * 1024;
    /// Brackets within brackets.
    pub const DEPTH: usize = 16;
    /// Bytes of one compiled regex. What is larger cannot be searched for in one pass any more, and a record may be
    /// megabytes long.
    pub const REGEX_BYTES: usize = 256 * 1024;
    /// Groups within groups of one regex.
    pub const REGEX_DEPTH: u32 = 50;
    /// Anchors of one signature.
    pub const ANCHORS: usize = 16;
    /// The least bytes of an anchor.
    pub const ANCHOR_BYTES: usize = 6;
}
