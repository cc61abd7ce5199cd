//! The headers of a zip archive.

/// How a local header begins.
pub(crate) const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// How an entry of the central directory begins.
pub(crate) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// How the end record begins.
pub(crate) const END: [u8; 4] = *b"PK\x05\x06";
/// How what stands behind a member of unknown length may begin.
pub(crate) const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

pub(crate) const LOCAL_LENGTH: usize = 30;
pub(crate) const CENTRAL_LENGTH: usize = 46;
pub(crate) const END_LENGTH: usize = 22;
pub(crate) const LOCATOR_LENGTH: usize = 20;
pub(crate) const END64_LENGTH: usize = 56;

/// Takes little-endian numbers off the front of a slice; `None` past its end.
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    pub(crate) fn signature(&mut self, wanted: [u8; 4]) -> Option<()> {
        (self.take()? == wanted).then_some(())
    }

    pub(crate) fn skip(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.get(count..)?;
        Some(())
    }
}

/// A local header without its name and extra fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed: u64,
    pub(crate) size: u64,
    pub(crate) name_length: u16,
    pub(crate) extra_length: u16,
}

impl Local {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        fields.signature(LOCAL)?;
        fields.u16()?;
        let flags = fields.u16()?;
        let method = fields.u16()?;
        fields.u32()?;
        Some(Self {
            flags,
            method,
            crc: fields.u32()?,
            packed: fields.u32()?.into(),
            size: fields.u32()?.into(),
            name_length: fields.u16()?,
            extra_length: fields.u16()?,
        })
    }
}

/// An entry of the central directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Central {
    pub(crate) name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) packed: u64,
    pub(crate) size: u64,
    pub(crate) place: u64,
    pub(crate) modified: Option<i64>,
    /// The kind of file, as the bits of a Unix mode, if the archive was made on such a system.
    pub(crate) unix_kind: u32,
}

/// What a local header and a central entry of a member that is a link or a device say.
const KIND_BITS: u32 = 0o17_0000;
pub(crate) const REGULAR: u32 = 0o10_0000;
pub(crate) const FOLDER: u32 = 0o04_0000;
pub(crate) const LINK: u32 = 0o12_0000;

impl Central {
    /// Reads the fixed part, and says how long the name, the extra fields and the comment behind it are.
    pub(crate) fn parse(bytes: &[u8]) -> Option<(Self, [u16; 3])> {
        let mut fields = Fields(bytes);
        fields.signature(CENTRAL)?;
        let made_by = fields.u16()?;
        fields.u16()?;
        let flags = fields.u16()?;
        let method = fields.u16()?;
        fields.u32()?;
        let crc = fields.u32()?;
        let packed = fields.u32()?.into();
        let size = fields.u32()?.into();
        let lengths = [fields.u16()?, fields.u16()?, fields.u16()?];
        fields.skip(4)?;
        let attributes = fields.u32()?;
        let place = fields.u32()?.into();
        let on_unix = matches!(made_by >> 8, 3 | 19);
        let central = Self {
            name: Vec::new(),
            flags,
            method,
            crc,
            packed,
            size,
            place,
            modified: None,
            unix_kind: if on_unix { (attributes >> 16) & KIND_BITS } else { 0 },
        };
        Some((central, lengths))
    }

    /// Takes the large sizes and the time with a zone that extra fields may hold.
    ///
    /// The time in the header proper has no zone, so it is not used.
    pub(crate) fn take_extra(&mut self, extra: &[u8]) {
        let mut rest = Fields(extra);
        while let (Some(id), Some(length)) = (rest.u16(), rest.u16()) {
            let Some(body) = rest.0.get(..usize::from(length)) else {
                return;
            };
            let mut fields = Fields(body);
            if id == 1 {
                for value in [&mut self.size, &mut self.packed, &mut self.place] {
                    if *value == u64::from(u32::MAX) {
                        *value = fields.u64().unwrap_or(*value);
                    }
                }
            } else if id == 0x5455
                && let &[flags, s0, s1, s2, s3, ..] = body
                && flags & 1 != 0
            {
                self.modified = Some(i64::from(i32::from_le_bytes([s0, s1, s2, s3])));
            }
            let _ = rest.skip(usize::from(length));
        }
    }
}

/// Where the central directory is and what it should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) entries: u64,
    pub(crate) size: u64,
    pub(crate) place: u64,
    pub(crate) comment: u16,
}

impl End {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        fields.signature(END)?;
        fields.skip(6)?;
        Some(Self {
            entries: fields.u16()?.into(),
            size: fields.u32()?.into(),
            place: fields.u32()?.into(),
            comment: fields.u16()?,
        })
    }

    /// Where the locator of a large archive says that the large end record is.
    pub(crate) fn locate64(bytes: &[u8]) -> Option<u64> {
        let mut fields = Fields(bytes);
        fields.signature(*b"PK\x06\x07")?;
        fields.u32()?;
        fields.u64()
    }

    /// Takes the numbers of a large end record.
    pub(crate) fn take64(&mut self, bytes: &[u8]) -> Option<()> {
        let mut fields = Fields(bytes);
        fields.signature(*b"PK\x06\x06")?;
        fields.skip(28)?;
        self.entries = fields.u64()?;
        self.size = fields.u64()?;
        self.place = fields.u64()?;
        Some(())
    }
}
