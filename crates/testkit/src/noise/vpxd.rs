use super::{Mill, weighted};
use crate::prng::Prng;
use crate::record::{Level, LogRecord};
use crate::time::{LogTime, micros, millis};
use crate::world::Host;

/// An endless `vpxd.log` of a healthy vCenter Server.
#[derive(Debug, Clone)]
pub(crate) struct VpxdNoise {
    mill: Mill,
    host: Host,
    lro: u64,
    session: String,
}

type Motif = fn(&mut VpxdNoise);

const MOTIFS: &[(u64, Motif)] = &[
    (30, VpxdNoise::session_check),
    (20, VpxdNoise::host_sync),
    (12, VpxdNoise::statistics),
    (8, VpxdNoise::drs),
    (6, VpxdNoise::alarm),
    (6, VpxdNoise::http_session),
    (4, VpxdNoise::missing_object),
    (3, VpxdNoise::reconfigure),
    (2, VpxdNoise::performance_manager),
];

impl VpxdNoise {
    pub(crate) fn new(host: &Host, mut rng: Prng, start: LogTime, mean_gap: i64) -> Self {
        let lro = rng.between(400_000, 900_000);
        let session = format!("52{}(52{})", rng.uuid().split_off(2), rng.uuid().split_off(2));
        Self { mill: Mill::new(rng, start, mean_gap), host: host.clone(), lro, session }
    }

    fn at(&mut self, after: i64, sub: &str, op_id: &str, text: &str) -> LogRecord {
        let thread = 4000 + self.mill.rng.below(60) * 7;
        let record = LogRecord::new(self.mill.now + after, sub, text).thread_id(thread);
        if op_id.is_empty() { record } else { record.op_id(op_id) }
    }

    fn say(&mut self, after: i64, sub: &str, op_id: &str, text: &str) {
        let record = self.at(after, sub, op_id, text);
        self.mill.say(record);
    }

    fn next_lro(&mut self) -> u64 {
        self.lro += 1;
        self.lro
    }

    /// The two ends of an operation, and how long it took.
    fn operation(&mut self, op_id: &str, id: &str, object: &str, method: &str) {
        let took = i64::try_from(self.mill.rng.between(1, 60)).unwrap_or(1);
        let session = self.session.clone();
        self.say(0, "vpxLro", op_id, &format!("[VpxLRO] -- BEGIN {id} -- {object} -- {method} -- {session}"));
        self.say(millis(took), "vpxLro", op_id, &format!("[VpxLRO] -- FINISH {id}"));
    }

    fn session_check(&mut self) {
        let (op_id, lro) = (self.mill.rng.hex(8), self.next_lro());
        let (object, method) = *self
            .mill
            .rng
            .choose(&[
                ("SessionManager", "vim.SessionManager.sessionIsActive"),
                ("ServiceInstance", "vim.ServiceInstance.currentTime"),
                ("propertyCollector", "vmodl.query.PropertyCollector.retrieveContents"),
                ("TaskManager", "vim.TaskManager.createCollector"),
            ])
            .unwrap_or(&("ServiceInstance", "vim.ServiceInstance.currentTime"));
        self.operation(&op_id, &format!("lro-{lro}"), object, method);
    }

    fn host_sync(&mut self) {
        let lro = self.next_lro();
        let host = self.host.moref.clone();
        let op_id = format!("HB-{host}@{}-{}", self.mill.rng.between(100, 99_999), self.mill.rng.hex(8));
        self.operation(&op_id, &format!("task-internal-{lro}"), &host, "VpxdInvtHostSyncHostLRO.Synchronize");
        let generation = self.mill.rng.between(1000, 90_000);
        self.say(
            millis(3),
            "InvtHostCnx",
            &op_id,
            &format!("[VpxdInvtHostSyncHostLRO] Applied host changes to inventory, generation {generation}"),
        );
    }

    fn statistics(&mut self) {
        let op_id = format!("SWI-{}", self.mill.rng.hex(8));
        let took = self.mill.rng.between(3, 400);
        self.say(0, "rollup", &op_id, &format!("Rollup of statistics finished in {took} ms"));
    }

    fn drs(&mut self) {
        let op_id = format!("SWI-{}", self.mill.rng.hex(8));
        let (host, name) = (self.host.moref.clone(), self.host.name.clone());
        self.say(
            0,
            "drmLogger",
            &op_id,
            &format!("FixNIOCViolation worker starts for host [vim.HostSystem:{host},{name}]"),
        );
    }

    fn alarm(&mut self) {
        let op_id = format!("ProcessAlarmFiring-{}", self.mill.rng.hex(8));
        let alarm = self.mill.rng.between(1, 300);
        let record = self
            .at(
                0,
                "PropertyProvider",
                &op_id,
                &format!(
                    "RecordOp ASSIGN: declaredAlarmState[\"alarm-{alarm}.{}\"], {}. Applied change to temp map.",
                    self.host.moref.clone(),
                    self.host.moref.clone()
                ),
            )
            .level(Level::Verbose);
        self.mill.say(record);
    }

    fn http_session(&mut self) {
        let (number, pointer) = (self.mill.rng.between(10, 999), self.mill.rng.hex(12));
        let port = self.mill.rng.between(30_000, 60_000);
        self.say(
            0,
            &format!("Http2Session #{number}"),
            "",
            &format!("Starting a Http2Session (server): <io_obj p:0x0000{pointer}, h:477, <TCP '127.0.0.1 : 8085'>, <TCP '127.0.0.1 : {port}'>>"),
        );
    }

    /// A client asks for an object that was removed meanwhile.
    fn missing_object(&mut self) {
        let (op_id, lro) = (self.mill.rng.hex(8), self.next_lro());
        let gone = self.mill.rng.between(2000, 9000);
        let session = self.session.clone();
        let id = format!("lro-{lro}");
        self.say(
            0,
            "vpxLro",
            &op_id,
            &format!("[VpxLRO] -- BEGIN {id} -- vm-{gone} -- vim.VirtualMachine.queryChangedDiskAreas -- {session}"),
        );
        self.say(micros(800), "vpxLro", &op_id, &format!("[VpxLRO] -- FINISH {id}"));
        self.say(
            micros(810),
            "Default",
            &op_id,
            &format!("[VpxLRO] -- ERROR {id} -- vm-{gone} -- vim.VirtualMachine.queryChangedDiskAreas: vmodl.fault.ManagedObjectNotFound:\nResult:\n(vmodl.fault.ManagedObjectNotFound) {{\n   faultCause = (vmodl.MethodFault) null, \n   faultMessage = <unset>, \n   obj = 'vim.VirtualMachine:vm-{gone}'\n   msg = \"The object 'vim.VirtualMachine:vm-{gone}' has already been deleted or has not been completely created\"\n}}\nArgs:\n"),
        );
    }

    /// Backup software stamps a VM.
    fn reconfigure(&mut self) {
        let Some(vm) = self.mill.rng.choose(&self.host.neighbours).cloned() else { return };
        let (op_id, lro) = (format!("{}-auto-{}", self.mill.rng.hex(8), self.mill.rng.hex(4)), self.next_lro());
        self.operation(&op_id, &format!("task-{lro}"), &vm.moref, "vim.VirtualMachine.reconfigure");
    }

    fn performance_manager(&mut self) {
        let op_id = format!("SWI-{}", self.mill.rng.hex(8));
        let record = self
            .at(
                0,
                "drmLogger",
                &op_id,
                "Exception was thrown when call vsan-performance-manager for cluster [vim.ClusterComputeResource:domain-c1001,Cluster-01] perf metrics: N3Vim5Fault8NotFound9ExceptionE(Fault cause: vim.fault.NotFound\n)",
            )
            .level(Level::Warning);
        self.mill.say(record);
    }
}

impl Iterator for VpxdNoise {
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
