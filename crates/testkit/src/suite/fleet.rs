//! Many VMs at once.

use super::cut_short::{reset, reset_by_ha};
use super::providers::no_key;
use super::stage::Stage;
use super::steps::provider_unknown;
use super::{Expected, ExpectedIncident, Tale};
use crate::world::Generation;

/// VMs of a fleet.
const THIRTY: u32 = 30;

pub(super) const TALES: &[Tale] = &[
    Tale {
        name: "thirty-and-three",
        shows: "Of thirty-three VMs on three hosts thirty are re-keyed; two miss the provider, one is reset by HA.",
        generation: Generation::V80,
        decisive: &["provider-not-found"],
        hosts: 3,
        tell: thirty_and_three,
        expected: || {
            let missing = |vm| {
                ExpectedIncident::of(vm, &["kms-provider-not-found-on-host"])
                    .grades("confirmed", "confirmed")
                    .rekey(&["failed"], &["get-new-key"], 2, &["old"])
                    .do_not(&["keep-old-provider", "no-power-off"])
            };
            Expected::failure([missing("WEB-91"), missing("WEB-92"), reset("WEB-93")])
        },
    },
    Tale {
        name: "kms-outage-thirty",
        shows: "One outage of the key server fails the re-keys of thirty VMs on three hosts.",
        generation: Generation::V80,
        decisive: &["unreachable"],
        hosts: 3,
        tell: outage,
        expected: || {
            Expected::failure((0..THIRTY).map(|number| {
                ExpectedIncident::of(&name(number), &["kms-unreachable"])
                    .also(&["kms-key-generate-fail"])
                    .rekey(&["failed"], &["get-new-key"], 1, &["old"])
                    .remedies(&["restore-kms-connection"], &["reload-vmx", "reregister-vm", "power-off-and-rekey"])
                    .do_not(&["keep-old-provider", "no-unregister-while-provider-unreachable"])
            }))
        },
    },
];

fn name(number: u32) -> String {
    format!("WEB-{:02}", number + 1)
}

fn thirty_and_three(stage: &mut Stage) {
    for number in 0..THIRTY {
        let host = (number % 3) as usize;
        let vm = stage.vm(host, &name(number), 100 + number, 1);
        stage.success(host, &vm, i64::from(number) * 9_000);
    }
    for (base, vmid, after) in [("WEB-91", 191, 41_500), ("WEB-92", 192, 77_500)] {
        let vm = stage.vm(0, base, vmid, 2);
        provider_unknown(stage, 0, &vm, after);
    }
    let vm = stage.vm(1, "WEB-93", 194, 3);
    reset_by_ha(stage, 1, &vm, 20_500);
}

fn outage(stage: &mut Stage) {
    stage.event(0, None, -5_000, "unreachable", "com.vmware.vc.kms.crypto.Unreachable");
    for number in 0..THIRTY {
        let host = (number % 3) as usize;
        let vm = stage.vm(host, &name(number), 100 + number, 1);
        no_key(stage, host, &vm, i64::from(number) * 40_000);
    }
    stage.event(0, None, 700_000, "unreachable", "com.vmware.vc.kms.crypto.Unreachable");
}
