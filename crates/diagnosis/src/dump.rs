//! What a request asks of a VM's keys, in the dump of it that hostd and vpxd write into their logs.

use esxray_knowledge::decode::dump::Value;

/// The change of key that a request asks of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requested {
    /// Key of the device; `None` for the VM home.
    pub device: Option<String>,
    /// What the device is called, such as `Hard disk 2`.
    pub label: Option<String>,
    /// Path of the disk.
    pub path: Option<String>,
    pub old_key: Option<String>,
    pub old_provider: Option<String>,
    pub new_key: Option<String>,
    pub new_provider: Option<String>,
}

/// What a dump of a `ConfigSpec` asks for, object by object; empty where the text holds no such dump.
pub(crate) fn requested_keys(text: &str) -> Vec<Requested> {
    let Some(start) = text.find("(vim.vm.ConfigSpec) {") else { return Vec::new() };
    let Some((spec, _)) = text.get(start..).and_then(Value::read) else { return Vec::new() };
    let key = |value: Option<&Value<'_>>| {
        let key = value.and_then(|it| it.at(&["keyId"])).and_then(Value::text).map(str::to_owned);
        let provider = value.and_then(|it| it.at(&["providerId", "id"])).and_then(Value::text).map(str::to_owned);
        (key, provider)
    };
    let is_recrypt = |crypto: &&Value<'_>| matches!(crypto, Value::Object { kind, .. } if kind.contains("CryptoSpec"));
    let mut requested = Vec::new();
    if let Some(crypto) = spec.at(&["crypto"]).filter(is_recrypt) {
        let (new_key, new_provider) = key(crypto.at(&["newKeyId"]));
        requested.push(Requested {
            device: None,
            label: None,
            path: None,
            old_key: None,
            old_provider: None,
            new_key,
            new_provider,
        });
    }
    let Some(Value::List(devices)) = spec.at(&["deviceChange"]) else { return requested };
    for change in devices {
        let Some(crypto) = change.at(&["backing", "crypto"]).filter(is_recrypt) else { continue };
        let (new_key, new_provider) = key(crypto.at(&["newKeyId"]));
        let (old_key, old_provider) = key(change.at(&["device", "backing", "keyId"]));
        let text = |path: &[&str]| change.at(path).and_then(Value::text).map(str::to_owned);
        requested.push(Requested {
            device: text(&["device", "key"]),
            label: text(&["device", "deviceInfo", "label"]),
            path: text(&["device", "backing", "fileName"]).map(|it| it.trim_start_matches("ds://").to_owned()),
            old_key,
            old_provider,
            new_key,
            new_provider,
        });
    }
    requested
}

#[cfg(test)]
mod tests {
    use super::{Requested, requested_keys};

    const DUMP: &str = r#"Reconfigure: (vim.vm.ConfigSpec) {
   changeVersion = <unset>, 
   annotation = "he said "no", and
meant it", 
   deviceChange = (vim.vm.device.VirtualDeviceSpec) [
      (vim.vm.device.VirtualDeviceSpec) {
         operation = "edit", 
         device = (vim.vm.device.VirtualDisk) {
            key = 2001, 
            deviceInfo = (vim.Description) {
               label = "Hard disk 2", 
               summary = "41,943,040 KB"
            }, 
            backing = (vim.vm.device.VirtualDisk.FlatVer2BackingInfo) {
               fileName = "ds:///vmfs/volumes/ds1/APP-01/APP-01_1.vmdk", 
               keyId = (vim.encryption.CryptoKeyId) {
                  keyId = "old-1", 
                  providerId = (vim.encryption.KeyProviderId) {
                     id = "NKP-1"
                  }
               }
            }
         }, 
         backing = (vim.vm.device.VirtualDeviceSpec.BackingSpec) {
            crypto = (vim.encryption.CryptoSpecShallowRecrypt) {
               newKeyId = (vim.encryption.CryptoKeyId) {
                  keyId = "new-1", 
                  providerId = (vim.encryption.KeyProviderId) {
                     id = "KMS-EXT"
                  }
               }
            }
         }
      }
   ], 
   crypto = (vim.encryption.CryptoSpecShallowRecrypt) {
      newKeyId = (vim.encryption.CryptoKeyId) {
         keyId = "new-1", 
         providerId = (vim.encryption.KeyProviderId) {
            id = "KMS-EXT"
         }
      }
   }
}"#;

    #[test]
    fn a_request_names_every_object_with_both_keys() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            requested_keys(DUMP),
            [
                Requested {
                    device: None,
                    label: None,
                    path: None,
                    old_key: None,
                    old_provider: None,
                    new_key: some("new-1"),
                    new_provider: some("KMS-EXT")
                },
                Requested {
                    device: some("2001"),
                    label: some("Hard disk 2"),
                    path: some("/vmfs/volumes/ds1/APP-01/APP-01_1.vmdk"),
                    old_key: some("old-1"),
                    old_provider: some("NKP-1"),
                    new_key: some("new-1"),
                    new_provider: some("KMS-EXT")
                }
            ]
        );
    }

    #[test]
    fn cut_and_hostile_dumps_end() {
        for end in 0..DUMP.len() {
            if let Some(cut) = DUMP.get(..end) {
                let _ = requested_keys(cut);
            }
        }
        let deep = format!("(vim.vm.ConfigSpec) {{ a = {}", "(vim.X) { a = ".repeat(100_000));
        assert!(requested_keys(&deep).is_empty());
        assert!(requested_keys(&format!("(vim.vm.ConfigSpec) {{ a = {}", "(".repeat(200_000))).is_empty());
    }
}
