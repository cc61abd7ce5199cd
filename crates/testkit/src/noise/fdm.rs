use super::{Mill, weighted};
use crate::prng::Prng;
use crate::record::{Level, LogRecord};
use crate::time::{LogTime, micros, millis};
use crate::world::Host;

/// An endless `fdm.log` of a cluster in which every host and VM is well.
#[derive(Debug, Clone)]
pub(crate) struct FdmNoise {
    mill: Mill,
    host: Host,
}

type Motif = fn(&mut FdmNoise);

const MOTIFS: &[(u64, Motif)] = &[
    (12, FdmNoise::power_state),
    (8, FdmNoise::cluster_lists),
    (6, FdmNoise::datastore_heartbeat),
    (4, FdmNoise::host_state),
    (3, FdmNoise::property_collector),
];

impl FdmNoise {
    pub(crate) fn new(host: &Host, rng: Prng, start: LogTime, mean_gap: i64) -> Self {
        Self { mill: Mill::new(rng, start, mean_gap), host: host.clone() }
    }

    fn say(&mut self, after: i64, level: Level, sub: &str, text: &str) {
        let thread = 2_103_000 + self.mill.rng.below(12);
        let op_id = format!("SWI-{}", self.mill.rng.hex(8));
        let record = LogRecord::new(self.mill.now + after, sub, text).thread_id(thread).level(level).op_id(op_id);
        self.mill.say(record);
    }

    fn power_state(&mut self) {
        let Some(vm) = self.mill.rng.choose(&self.host.neighbours).cloned() else { return };
        let count = self.mill.rng.between(1, 4);
        let host = self.host.moref.clone();
        self.say(
            0,
            Level::Verbose,
            "Invt",
            &format!(
                "[VmStateChange::SavePowerChange] vm {} curPwrState=powered on curPowerOnCount={count} newPwrState=powered on clnPwrOff=false hostReporting={host}",
                vm.vmx()
            ),
        );
    }

    fn cluster_lists(&mut self) {
        let version = self.mill.rng.between(100, 4000);
        self.say(0, Level::Verbose, "Cluster", &format!("[ClusterManagerImpl::CheckElectionState] Transitioned from Running to Running, host list version {version}"));
        self.say(millis(1), Level::Verbose, "Cluster", "[ClusterPersistence::VersionChange] version update ignored");
    }

    fn datastore_heartbeat(&mut self) {
        let Some(vm) = self.mill.rng.choose(&self.host.neighbours).cloned() else { return };
        let volume = vm.folder.rsplit_once('/').map(|(volume, _)| volume.to_owned()).unwrap_or_default();
        self.say(
            0,
            Level::Verbose,
            "Invt",
            &format!("[DatastoreInventory] Heartbeat datastore {volume} is accessible"),
        );
        self.say(micros(300), Level::Verbose, "Invt", "[DatastoreInventory] 2 heartbeat datastores in use");
    }

    fn host_state(&mut self) {
        let number = self.mill.rng.between(1001, 1012);
        self.say(0, Level::Info, "Invt", &format!("Host host-{number} changed state: Live"));
    }

    fn property_collector(&mut self) {
        self.say(0, Level::Verbose, "Policy", "[GlobalPolicyImpl] Nothing to restart");
    }
}

impl Iterator for FdmNoise {
    type Item = LogRecord;

    fn next(&mut self) -> Option<LogRecord> {
        loop {
            if let Some(record) = self.mill.due() {
                return Some(record);
            }
            if let Some(motif) = weighted(&mut self.mill.rng, MOTIFS) {
                motif(self);
            }
            self.mill.advance();
        }
    }
}
