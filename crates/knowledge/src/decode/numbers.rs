//! Numbers that stand alone: status of the `VMkernel`, codes of `DiskLib` and of VIX.

use crate::schema::Basis;

use super::{Decoded, Table, memory, row};

/// The first status of the kernel: `0xbad0000`.
const BAD: u32 = 0x0bad_0000;

pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let mut decoded = Vec::new();
    let of_disk_lib = ["DISKLIB", "AIOMgr", "AIOGNRC", "FileIO", "FILEIO", "OBJLIB", "Failed to lock the file"];
    let of_disk_lib = of_disk_lib.iter().any(|word| text.contains(word));
    let vix = text
        .find("vix error codes = (")
        .map(|at| at..text.get(at..).and_then(|it| it.find(')')).map_or(at, |it| at + it));
    for (at, printed) in numbers(text) {
        let known = if let Some(digits) = printed.strip_prefix("0x") {
            u32::from_str_radix(digits, 16).ok().and_then(|code| status(code, printed))
        } else {
            let code: Option<u32> = printed.parse().ok();
            code.and_then(|code| {
                let in_vix = vix.as_ref().is_some_and(|range| range.contains(&at)) && code != 0;
                let vix = in_vix.then(|| VIX.get(code, printed.to_owned())).flatten();
                vix.or_else(|| status(code, printed)).or_else(|| disk_lib(code, printed).filter(|_| of_disk_lib))
            })
        };
        // The same number twice says nothing new.
        if let Some(known) = known
            && !decoded.contains(&known)
        {
            decoded.push(known);
        }
    }
    decoded
}

/// The numbers of a text that stand by themselves: decimal, or hexadecimal behind `0x`.
fn numbers(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '_';
    text.split(move |it| !is_part(it)).filter_map(move |word| {
        let decimal = word.len() >= 2 && word.bytes().all(|it| it.is_ascii_digit());
        let hexadecimal = word.strip_prefix("0x").is_some_and(|it| it.bytes().all(|it| it.is_ascii_hexdigit()));
        let at = (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        (decimal || hexadecimal).then_some((at, word))
    })
}

/// `0xbad0003` or `195887107`.
fn status(code: u32, printed: &str) -> Option<Decoded> {
    STATUS.get(code.checked_sub(BAD).filter(|it| *it < 0x1000)?, printed.to_owned())
}

/// The number of `DiskLib` holds that of the layer below: 9 is the operating system's, 8 that of its files.
fn disk_lib(code: u32, printed: &str) -> Option<Decoded> {
    if code < 1000 {
        return None;
    }
    match code & 0xff {
        9 => ERRNO.get(code >> 16, printed.to_owned()),
        8 => FILE_IO.get(code >> 12, printed.to_owned()),
        _ => None,
    }
}

/// The release's own table is `commands/vmkerrcode_-l.txt` of its bundle.
const STATUS: Table = Table {
    kind: "VMkernel status",
    source: "printed by vmkerrcode -l",
    basis: Basis::Documented,
    rows: &[
        row(0x0, "OK", "success"),
        row(0x1, "Failure", "failed (EINVAL)"),
        row(0x2, "Would block", "would have to wait (EAGAIN)"),
        row(0x3, "Not found", "is not there (ENOENT)"),
        row(0x4, "Busy", "is in use"),
        memory(0x5, "Already exists", "is there already"),
        row(0x6, "Limit exceeded", "a limit is reached"),
        memory(0x7, "Bad parameter", "a parameter is wrong"),
        memory(0xa, "I/O error", "reading or writing failed"),
        memory(0xb, "Read error", "reading failed"),
        memory(0xc, "Write error", "writing failed"),
        memory(0x14, "Out of memory", "no memory is left"),
        row(0x20, "Not supported", "is not supported"),
        memory(0x21, "Timeout", "took too long"),
        memory(
            0x4b,
            "Connection closed by remote host, possibly due to timeout",
            "the other side closed the connection",
        ),
        row(0x109, "Maximum switchover time for migration exceeded", "the VM could not switch over in time"),
    ],
};

/// What small numbers of `DiskLib` mean.
pub(super) const DISK_LIB: Table = Table {
    kind: "DiskLib error",
    source: "printed beside its text in vmware.log",
    basis: Basis::Inferred,
    rows: &[
        memory(15, "not a virtual disk", "the file is no virtual disk"),
        row(18, "CID mismatch", "the parent was changed after the child was made"),
        row(25, "file not found", "a file of the disk cannot be found"),
        row(38, "no permission", "the rights do not suffice"),
    ],
};

/// The error numbers of the operating system, where a text says that it is one.
pub(super) const ERRNO_ALONE: Table =
    Table { kind: "error of the operating system", source: "errno(3)", basis: Basis::Documented, rows: ERRNO.rows };

/// Results of file operations, where a text says that it is one.
pub(super) const FILE_IO_ALONE: Table =
    Table { kind: "result of a file operation", basis: Basis::Documented, source: FILE_IO.source, rows: FILE_IO.rows };

const ERRNO: Table = Table {
    kind: "DiskLib, error of the operating system",
    source: "derived: Input/output error is printed as (327689)",
    basis: Basis::Inferred,
    rows: &[
        row(2, "ENOENT", "no such file"),
        row(5, "EIO", "input/output error"),
        row(13, "EACCES", "permission denied"),
        row(16, "EBUSY", "in use"),
        row(28, "ENOSPC", "no space left on the device"),
        row(30, "EROFS", "the file system is read-only"),
        row(110, "ETIMEDOUT", "timed out"),
    ],
};

const FILE_IO: Table = Table {
    kind: "DiskLib, result of a file operation",
    source: "open-vm-tools, fileIO.h",
    basis: Basis::Inferred,
    rows: &[
        row(1, "FILEIO_CANCELLED", "cancelled"),
        row(2, "FILEIO_ERROR", "an error of the file"),
        row(3, "FILEIO_OPEN_ERROR_EXIST", "the file is there already"),
        row(4, "FILEIO_LOCK_FAILED", "the file is locked by somebody else"),
        row(5, "FILEIO_READ_ERROR_EOF", "the file ends too early"),
        row(6, "FILEIO_FILE_NOT_FOUND", "the file is not there"),
        row(7, "FILEIO_NO_PERMISSION", "permission denied"),
        row(8, "FILEIO_FILE_NAME_TOO_LONG", "the name is too long"),
        row(9, "FILEIO_WRITE_ERROR_FBIG", "the file would become too large"),
        row(10, "FILEIO_WRITE_ERROR_NOSPC", "no space left"),
        row(11, "FILEIO_WRITE_ERROR_DQUOT", "the quota is used up"),
    ],
};

pub(super) const VIX: Table = Table {
    kind: "VIX error",
    source: "open-vm-tools, vix.h",
    basis: Basis::Documented,
    rows: &[
        row(8, "VIX_E_DISK_FULL", "the disk is full"),
        row(13, "VIX_E_FILE_ACCESS_ERROR", "a file cannot be accessed"),
        row(15, "VIX_E_FILE_ALREADY_LOCKED", "a file is locked"),
        row(30, "VIX_E_NEED_KEY", "it is encrypted and no key was given"),
        row(4002, "VIX_E_CANNOT_READ_VM_CONFIG", "the VM's configuration cannot be read"),
        row(13001, "VIX_E_SNAPSHOT_DUMPER", "saving the VM's state failed"),
        row(13002, "VIX_E_SNAPSHOT_DISKLIB", "a disk failed"),
        row(13007, "VIX_E_SNAPSHOT_CONFIG", "the snapshot's configuration"),
        row(13010, "VIX_E_SNAPSHOT_LOCKED", "the snapshot is locked"),
        row(13014, "VIX_E_SNAPSHOT_DISKLOCKED", "a disk is locked"),
        row(13021, "VIX_E_SNAPSHOT_HIERARCHY_TOODEEP", "too many levels of snapshots"),
        row(14009, "VIX_E_HOST_NETWORK_CONN_REFUSED", "the connection was refused"),
        row(16000, "VIX_E_DISK_INVAL", "a parameter is wrong"),
        row(16003, "VIX_E_DISK_PARTIALCHAIN", "the chain of the disk is not whole"),
        row(16006, "VIX_E_DISK_NEEDSREPAIR", "the disk needs repair"),
        row(16007, "VIX_E_DISK_OUTOFRANGE", "outside of the disk"),
        row(16008, "VIX_E_DISK_CID_MISMATCH", "the parent was changed after the child was made"),
        row(16010, "VIX_E_DISK_PARTMISMATCH", "the partition table changed"),
        row(16011, "VIX_E_DISK_UNSUPPORTEDDISKVERSION", "the version of the disk is not supported"),
        row(16012, "VIX_E_DISK_OPENPARENT", "the parent cannot be opened"),
        row(16014, "VIX_E_DISK_NEEDKEY", "the disk is encrypted and no key was given"),
        row(16015, "VIX_E_DISK_NOKEYOVERRIDE", "the key of the disk cannot be replaced"),
        row(16016, "VIX_E_DISK_NOTENCRYPTED", "the disk is not encrypted"),
        row(16017, "VIX_E_DISK_NOKEY", "no key"),
        row(16020, "VIX_E_DISK_NOTENCDESC", "the descriptor is not encrypted"),
        row(16028, "VIX_E_DISK_TOOMANYREDO", "too many redo logs"),
        row(16030, "VIX_E_DISK_INVALIDCHAIN", "the chain of the disk is not valid"),
        row(16052, "VIX_E_DISK_KEY_NOTFOUND", "an entry of the disk's metadata is not there"),
        row(16061, "VIX_E_DISK_ENCODING", "the text encoding of the descriptor; nothing of encryption"),
        row(16063, "VIX_E_DISK_INVALIDDISK", "one of the files is no disk"),
        row(16067, "VIX_E_DISK_CAPACITY_MISMATCH", "parent and child differ in size"),
        row(17000, "VIX_E_CRYPTO_UNKNOWN_ALGORITHM", "the algorithm is not known"),
        row(17001, "VIX_E_CRYPTO_BAD_BUFFER_SIZE", "the size of the data is wrong"),
        row(17002, "VIX_E_CRYPTO_INVALID_OPERATION", "that cannot be done with it"),
        row(17003, "VIX_E_CRYPTO_RANDOM_DEVICE", "no random numbers can be read"),
        row(17004, "VIX_E_CRYPTO_NEED_PASSWORD", "a password is needed"),
        row(17005, "VIX_E_CRYPTO_BAD_PASSWORD", "the password is wrong"),
        row(17006, "VIX_E_CRYPTO_NOT_IN_DICTIONARY", "the entry is not there"),
        row(17007, "VIX_E_CRYPTO_NO_CRYPTO", "the program has no cryptography"),
        row(17008, "VIX_E_CRYPTO_ERROR", "an error of the cryptography"),
        row(17009, "VIX_E_CRYPTO_BAD_FORMAT", "the form is wrong"),
        row(17010, "VIX_E_CRYPTO_LOCKED", "it is locked"),
        row(17011, "VIX_E_CRYPTO_EMPTY", "there is nothing in it"),
        row(17012, "VIX_E_CRYPTO_KEYSAFE_LOCATOR", "the key cannot be found"),
    ],
};

#[cfg(test)]
mod tests {
    use super::decode;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let decoded = decode(text);
        let seen: Vec<(&str, &str)> = decoded.iter().map(|it| (it.code.as_str(), &*it.name)).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn status_in_both_notations() {
        check(
            "Failed: Maximum switchover time for migration exceeded(0xbad0109) @0x41800f61cee2",
            &[("0xbad0109", "Maximum switchover time for migration exceeded")],
        );
        check("error 195887136 and 195887136", &[("195887136", "Not supported")]);
        check("0xbad00e5 is not known, 0x3 is none, 195000000 neither", &[]);
    }

    #[test]
    fn disk_lib_packs_two_layers() {
        check("DISKLIB-FLAT  : failed to open: Input/output error (327689).", &[("327689", "EIO")]);
        check("AIOMgr_Open failed: Failed to lock the file (16392).", &[("16392", "FILEIO_LOCK_FAILED")]);
        check("port 16392 and user 327689", &[]);
        check("DISKLIB-VMFS : closed (25) (1041).", &[]);
    }

    #[test]
    fn vix_codes_only_where_they_are_named_so() {
        check("reason = \"vix error codes = (16014, 0).", &[("16014", "VIX_E_DISK_NEEDKEY")]);
        check("vix error codes = (3016, 0) and 16014", &[]);
    }
}
