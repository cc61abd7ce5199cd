//! Words with a fixed meaning: why a key is not available, states of hosts and VMs, errors of key servers.

use crate::schema::Basis;

use super::numbers::VIX;
use super::{Decoded, Row, Table, memory, name, row, term, term_from_memory};

/// A table of words, and what a text must say for a word of it to mean that.
struct Words {
    table: &'static Table,
    /// Any of these, in small letters; empty where the words themselves say it.
    near: &'static [&'static str],
}

/// A word counts where one of `near` stands at most so many bytes before it.
const REACH: usize = 48;

const ALL: &[Words] = &[
    Words { table: &KEY_UNAVAILABLE, near: &[] },
    Words { table: &QLC, near: &[] },
    Words { table: &CRYPTO_ERROR, near: &[] },
    Words { table: &VIX, near: &[] },
    Words { table: &VSAN_ISSUE, near: &[] },
    Words { table: &CRYPTO_SPEC, near: &[] },
    Words { table: &PRIVILEGE, near: &[] },
    Words { table: &HOST_STATE, near: &["cryptostate", "crypto state", "crypto_state"] },
    Words { table: &VM_STATE, near: &["cryptostate", "crypto state", "crypto_state"] },
    Words { table: &CLUSTER_MODE, near: &["cryptomode", "crypto mode"] },
    Words { table: &MANAGEMENT, near: &["managementtype"] },
    Words { table: &KMIP_STATE, near: &["kmip", "key state", "cryptographic object"] },
    Words { table: &KMIP_REASON, near: &["kmip", "result reason", "resultreason", "result_reason"] },
];

/// Every word of a text that a table knows. A text that is nothing but a word needs nothing near it.
pub(super) fn decode(text: &str) -> Vec<Decoded> {
    let mut found: Vec<Decoded> = Vec::new();
    let alone = text.trim();
    let is_part = |it: char| it.is_ascii_alphanumeric() || "_-.".contains(it);
    for word in alone.split(|it| !is_part(it)).map(|it| it.trim_matches(['.', '-'])).filter(|it| it.len() > 3) {
        let word = word.strip_prefix("vim.encryption.").unwrap_or(word);
        let at = (word.as_ptr() as usize).saturating_sub(alone.as_ptr() as usize);
        let before = alone.get(alone.floor_char_boundary(at.saturating_sub(REACH))..at).unwrap_or_default();
        for one in ALL {
            let Some(row) = one.table.rows.iter().find(|row| is_row(row, word)) else { continue };
            let whole = word.len() == alone.len();
            let lower = before.to_ascii_lowercase();
            if !whole && !one.near.is_empty() && !one.near.iter().any(|it| lower.contains(it)) {
                continue;
            }
            let decoded = one.table.decoded(row, word.to_owned());
            if !found.contains(&decoded) {
                found.push(decoded);
            }
        }
        if let Some(rest) = word.strip_prefix("QLC_ERR_").filter(|_| !found.iter().any(|it| it.code == word)) {
            let mut decoded = Decoded::named(word, QLC.kind, word);
            decoded.words = name::words(rest);
            decoded.meaning = "an error of vCenter's KMIP client: the key server or the way to it".into();
            found.push(decoded);
        }
    }
    found
}

/// Whether a word is the name of a row: in any case, with `_`, `-` or nothing between its parts.
fn is_row(row: &Row, word: &str) -> bool {
    fn letters(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(|it| !b"_-".contains(it)).map(|it| it.to_ascii_lowercase())
    }
    letters(row.name).eq(letters(word))
}

/// The reason in the answer of `QueryCryptoKeyStatus`.
const KEY_UNAVAILABLE: Table = Table {
    kind: "why a key is not available",
    source: "vSphere API, CryptoManagerKmipCryptoKeyStatusKeyUnavailableReason",
    basis: Basis::Documented,
    rows: &[
        term("KeyStateMissingInCache", "the key is not in vCenter's cache, and no provider was named to fetch it from"),
        term("KeyStateClusterInvalid", "the key provider is not valid: vCenter does not know it"),
        term("KeyStateClusterUnreachable", "the key provider does not answer"),
        term("KeyStateMissingInKMS", "the key provider answers, but has no such key"),
        term("KeyStateNotActiveOrEnabled", "the key provider has the key, but it is not active or not enabled"),
        term("KeyStateManagedByTrustAuthority", "Trust Authority manages the key: vCenter cannot see its state"),
        term("KeyStateManagedByNKP", "a native key provider manages the key"),
        term("NoPermissionToAccessKeyProvider", "vCenter may not access the key provider"),
        term("WrappingKeyMissingInKMS", "the key provider has no such wrapping key"),
        term("WrappingKeyNotActiveOrEnabled", "the wrapping key is not active or not enabled"),
    ],
};

const QLC: Table = Table {
    kind: "error of vCenter's KMIP client",
    source: "KB 396701",
    basis: Basis::Documented,
    rows: &[
        term("QLC_ERR_VALUE_MISSING", "a value is missing that the key server needs, such as the password"),
        term_from_memory("QLC_ERR_COMMUNICATE", "the key server cannot be talked to"),
        term_from_memory("QLC_ERR_NEED_AUTH", "the key server wants another authentication"),
        term_from_memory("QLC_ERR_TIMEOUT", "the key server did not answer in time"),
    ],
};

/// What the library of cryptography says.
pub(super) const CRYPTO_ERROR: Table = Table {
    kind: "error of the cryptography",
    source: "open-vm-tools, cryptoError.h",
    basis: Basis::Documented,
    rows: &[
        row(0, "CRYPTO_ERROR_SUCCESS", "success"),
        row(1, "CRYPTO_ERROR_OPERATION_FAILED", "it failed"),
        row(2, "CRYPTO_ERROR_UNKNOWN_ALGORITHM", "the algorithm is not known"),
        row(3, "CRYPTO_ERROR_BAD_BUFFER_SIZE", "the size of the data is wrong"),
        row(4, "CRYPTO_ERROR_INVALID_OPERATION", "that cannot be done with it"),
        row(5, "CRYPTO_ERROR_NOMEM", "no memory is left"),
        row(6, "CRYPTO_ERROR_NEED_PASSWORD", "a password is needed"),
        row(7, "CRYPTO_ERROR_BAD_PASSWORD", "key or password is wrong"),
        row(8, "CRYPTO_ERROR_IO_ERROR", "reading or writing failed"),
        row(9, "CRYPTO_ERROR_UNKNOWN_ERROR", "nobody knows"),
        row(10, "CRYPTO_ERROR_NAME_NOT_FOUND", "the name is not there"),
        row(11, "CRYPTO_ERROR_NO_CRYPTO", "the program has no cryptography"),
        row(12, "CRYPTO_ERROR_LOCK_FAILURE", "it could not be locked"),
    ],
};

/// Why a key server refused a request.
pub(super) const KMIP_REASON: Table = Table {
    kind: "KMIP result reason",
    source: "OASIS KMIP, as PyKMIP lists it",
    basis: Basis::Documented,
    rows: &[
        row(0x01, "ITEM_NOT_FOUND", "the key server has no such key"),
        row(0x02, "RESPONSE_TOO_LARGE", "the answer would be too large"),
        row(0x03, "AUTHENTICATION_NOT_SUCCESSFUL", "the key server did not accept who asked"),
        row(0x04, "INVALID_MESSAGE", "the key server did not understand the request"),
        row(0x05, "OPERATION_NOT_SUPPORTED", "the key server cannot do that"),
        row(0x06, "MISSING_DATA", "the request lacks something"),
        row(0x07, "INVALID_FIELD", "a field of the request is wrong"),
        row(0x08, "FEATURE_NOT_SUPPORTED", "the key server does not support that"),
        row(0x09, "OPERATION_CANCELED_BY_REQUESTER", "whoever asked canceled it"),
        row(0x0a, "CRYPTOGRAPHIC_FAILURE", "the key server's cryptography failed"),
        row(0x0b, "ILLEGAL_OPERATION", "that may not be done with this key"),
        row(0x0c, "PERMISSION_DENIED", "whoever asked has no right to the key"),
        row(0x0d, "OBJECT_ARCHIVED", "the key is archived: it must be recovered first"),
        row(0x0e, "INDEX_OUT_OF_BOUNDS", "an index is out of bounds"),
        row(0x0f, "APPLICATION_NAMESPACE_NOT_SUPPORTED", "the name space is not supported"),
        row(0x10, "KEY_FORMAT_TYPE_NOT_SUPPORTED", "the form of the key is not supported"),
        row(0x11, "KEY_COMPRESSION_TYPE_NOT_SUPPORTED", "the compression of the key is not supported"),
        row(0x12, "ENCODING_OPTION_ERROR", "the encoding is not supported"),
        row(0x13, "KEY_VALUE_NOT_PRESENT", "the key server knows the key, but does not hold its value"),
        row(0x14, "ATTESTATION_REQUIRED", "whoever asks must prove what it is"),
        row(0x15, "ATTESTATION_FAILED", "whoever asked could not prove what it is"),
        row(0x16, "SENSITIVE", "the key is never given out in the clear"),
        row(0x17, "NOT_EXTRACTABLE", "the key is never given out"),
        row(0x18, "OBJECT_ALREADY_EXISTS", "there is such a key already"),
        row(0x100, "GENERAL_FAILURE", "the key server says no more"),
    ],
};

const KMIP_STATE: Table = Table {
    kind: "state of a key at its server",
    source: "OASIS KMIP",
    basis: Basis::Documented,
    rows: &[
        term("Pre-Active", "the key may not be used yet; vSphere activates it"),
        term("Active", "the key may be used"),
        term("Deactivated", "nothing new may be encrypted with the key; what is, may be decrypted"),
        term("Compromised", "somebody may know the key: nothing new may be encrypted with it"),
        term("Destroyed", "the key is gone for good"),
    ],
};

const HOST_STATE: Table = Table {
    kind: "crypto state of a host",
    source: "vSphere API, HostCryptoState",
    basis: Basis::Documented,
    rows: &[
        term("incapable", "the host is not safe for keys: encryption is off"),
        term("prepared", "the host is ready for encryption and has no host key yet"),
        term("safe", "the host has its host key: encryption is on"),
        term("pendingIncapable", "encryption was turned off; the host has to be restarted"),
    ],
};

const VM_STATE: Table = Table {
    kind: "crypto state of a VM",
    source: "vSphere API, VirtualMachineCryptoState",
    basis: Basis::Documented,
    rows: &[
        term("locked", "the host lacks the key of the VM's configuration"),
        term("unlocked", "the host has the key of the VM's configuration"),
    ],
};

const CLUSTER_MODE: Table = Table {
    kind: "crypto mode of a cluster",
    source: "vSphere API, ClusterCryptoConfigInfoCryptoMode",
    basis: Basis::Documented,
    rows: &[
        term("onDemand", "hosts turn encryption on when they need it"),
        term("forceEnable", "every host of the cluster has encryption on"),
    ],
};

const MANAGEMENT: Table = Table {
    kind: "who manages a key provider",
    source: "vSphere API, KmipClusterInfoKmsManagementType",
    basis: Basis::Documented,
    rows: &[
        term("vCenter", "vCenter: a standard key provider"),
        term("trustAuthority", "Trust Authority: a trusted key provider"),
        term("nativeProvider", "vCenter, with keys of its own: a native key provider"),
    ],
};

const CRYPTO_SPEC: Table = Table {
    kind: "what a request does to keys",
    source: "vSphere API, CryptoSpec",
    basis: Basis::Documented,
    rows: &[
        term("CryptoSpecEncrypt", "encrypts"),
        term("CryptoSpecDecrypt", "decrypts"),
        term("CryptoSpecDeepRecrypt", "encrypts the data anew, with another key (deep re-key)"),
        term("CryptoSpecShallowRecrypt", "wraps the data's key with another key; the data stays (shallow re-key)"),
        term("CryptoSpecNoOp", "leaves keys as they are"),
        term("CryptoSpecRegister", "registers a VM that is encrypted already"),
    ],
};

const VSAN_ISSUE: Table = Table {
    kind: "issue of vSAN encryption",
    source: "vSAN API, VsanEncryptionIssue",
    basis: Basis::Documented,
    rows: &[
        term("keyencryptionkeyinconsistent", "the host has another key-encryption key than the cluster"),
        term("cmknotinenabledstate", "the key at the key provider is not enabled"),
        term("clientkeyinconsistent", "the host has another client key than vCenter"),
        term("keknotavailable", "the key-encryption key is not available"),
        term("hostkeynotavailable", "the host key is not available"),
        term("servercertificatesinconsistent", "the host has other certificates of the key servers than vCenter"),
        term("dataencryptionkeyinconsistent", "the data-encryption keys differ"),
        term("hostkeyinconsistent", "the host has another host key than the cluster"),
        term("erasedisksbeforeuseinconsistent", "host and cluster differ on erasing disks before use"),
        term("clientcertificateinconsistent", "the host has another client certificate than vCenter"),
        term("cmkcannotretrieve", "the key cannot be fetched from the key provider"),
        term("kmsinfoinconsistent", "the host knows other key servers than vCenter"),
        term("enabledwhenclusterdisabled", "encryption is on at the host and off at the cluster"),
        term("disabledwhenclusterenabled", "encryption is off at the host and on at the cluster"),
    ],
};

const PRIVILEGE: Table = Table {
    kind: "privilege",
    source: "vSphere documentation, cryptographic operations privileges",
    basis: Basis::Documented,
    rows: &[
        term("Cryptographer.Access", "direct access to encrypted things, such as an export"),
        term("Cryptographer.AddDisk", "add a disk to an encrypted VM"),
        term("Cryptographer.Clone", "clone an encrypted VM"),
        term("Cryptographer.Decrypt", "decrypt"),
        term("Cryptographer.Encrypt", "encrypt what exists"),
        term("Cryptographer.EncryptNew", "create something encrypted"),
        term("Cryptographer.ManageEncryptionPolicy", "manage policies with encryption"),
        term("Cryptographer.ManageKeyServers", "manage key servers"),
        term("Cryptographer.ManageKeys", "manage keys"),
        term("Cryptographer.Migrate", "migrate an encrypted VM"),
        memory(super::NONE, "Cryptographer.ReadKeyServersInfo", "read which key servers there are"),
        term("Cryptographer.Recrypt", "change the key of something encrypted"),
        memory(super::NONE, "Cryptographer.RegisterHost", "turn encryption on at a host"),
        term("Cryptographer.RegisterVM", "register an encrypted VM"),
    ],
};

#[cfg(test)]
mod tests {
    use super::{ALL, decode};
    use crate::schema::Basis;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let seen: Vec<_> = decode(text).into_iter().map(|it| it.name).collect();
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn words_that_say_what_they_are() {
        check("reason = KeyStateMissingInKMS,", &["KeyStateMissingInKMS"]);
        check("CryptoManagerKmip: keystatemissingincache.", &["KeyStateMissingInCache"]);
        check("Err:QLC_ERR_VALUE_MISSING Password", &["QLC_ERR_VALUE_MISSING"]);
        check("privilegeId = \"Cryptographer.RegisterVM\"", &["Cryptographer.RegisterVM"]);
        check("(vim.encryption.CryptoSpecShallowRecrypt) {", &["CryptoSpecShallowRecrypt"]);
        check("CryptoSpecShallowRecrypt", &["CryptoSpecShallowRecrypt"]);
        check("issue kmsInfoInconsistent", &["kmsinfoinconsistent"]);
        check("VIX_E_CRYPTO_BAD_PASSWORD", &["VIX_E_CRYPTO_BAD_PASSWORD"]);
    }

    #[test]
    fn words_of_everyday_need_their_context() {
        check("runtime.cryptoState = \"locked\"", &["locked"]);
        check("the file is locked and safe", &[]);
        check("safe", &["safe"]);
        check("KMIP Result Reason = Item-Not-Found", &["ITEM_NOT_FOUND"]);
        check("ITEM_NOT_FOUND in the inventory", &[]);
        check("crypto mode forceEnable", &["forceEnable"]);
    }

    #[test]
    fn an_unknown_error_of_the_client_is_still_one() {
        let decoded = decode("Failed: QLC_ERR_NEW_THING").remove(0);
        assert_eq!((decoded.words.as_str(), decoded.basis), ("new thing", Basis::Inferred));
        assert_eq!(decode("QLC_ERR_NEED_AUTH").remove(0).basis, Basis::FromMemory);
    }

    #[test]
    fn no_name_stands_twice() {
        let mut names: Vec<_> =
            ALL.iter().flat_map(|it| it.table.rows).map(|row| row.name.to_ascii_lowercase()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
