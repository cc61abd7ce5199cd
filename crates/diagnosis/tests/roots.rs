//! One outage behind many incidents, told from failures that merely happened at the same time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own input")]

use std::fmt::Write as _;

use esxray_diagnosis::{Diagnosis, Finding, Options, RootCause, Scope, diagnose};
use esxray_knowledge::Knowledge;
use esxray_model::{Grade, Role};

fn run(files: &[(&str, String)]) -> Diagnosis {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    diagnose(&[folder.path().to_path_buf()], &Knowledge::builtin().unwrap(), &Options::default()).unwrap()
}

/// A quiet day of vCenter around `events`.
fn vpxd(events: &str) -> String {
    let mut log = String::new();
    for minute in 0..12 {
        writeln!(log, "2024-06-04T10:{minute:02}:00.000Z info vpxd[04070] [Originator@6876 sub=HostCnx opID=CheckforMissingHeartbeats-{minute}] [VpxdHostCnx] No heartbeats missing").unwrap();
    }
    let mut lines: Vec<&str> = log.lines().collect();
    let at = lines.partition_point(|line| *line < "2024-06-04T10:05:00");
    lines.splice(at..at, events.lines());
    lines.join("\n") + "\n"
}

/// A re-key of one VM, from vCenter's side.
fn rekey(number: u32, ends: &str) -> String {
    let op = format!("l{number}-auto-{number}");
    let head =
        |at: &str, sub: &str| format!("2024-06-04T10:05:{at}Z info vpxd[04070] [Originator@6876 sub={sub} opID={op}]");
    let mut text = String::new();
    writeln!(
        text,
        "{} [VpxLRO] -- BEGIN task-{number} -- vm-{number} -- vim.VirtualMachine.reconfigure -- 52bd",
        head("10.000", "vpxLro")
    )
    .unwrap();
    text + ends
}

fn failed(number: u32) -> String {
    let op = format!("l{number}-auto-{number}");
    let event = format!(
        "2024-06-04T10:05:11.000Z info vpxd[04071] [Originator@6876 sub=vpxLro opID={op}] Posted\n\
         --> (vim.event.EventEx) {{\n-->    key = 0,\n-->    vm = (vim.event.VmEventArgument) {{\n\
         -->       name = \"APP-{number}\",\n-->       vm = 'vim.VirtualMachine:vm-{number}'\n-->    }},\n\
         -->    eventTypeId = \"com.vmware.vc.vm.crypto.RekeyFail\",\n-->    severity = \"error\"\n--> }}\n"
    );
    rekey(number, &event)
}

/// The key server's event, which names neither a VM nor a key provider.
const UNREACHABLE: &str = "2024-06-04T10:05:10.500Z info vpxd[04072] [Originator@6876 sub=vpxLro opID=KmsMonitor-7] \
    Event [575801] [1-1] [2024-06-04T10:05:10.5Z] [com.vmware.vc.kms.crypto.Unreachable] [error] [] [Lab] [575801] [Key Management Server is unreachable]\n";

fn findings<'a>(diagnosis: &'a Diagnosis, cause: &str) -> Vec<&'a Finding> {
    let of_vms = diagnosis.incidents.iter().filter(|it| it.vm.is_some());
    of_vms.flat_map(|it| &it.findings).filter(|it| it.cause == cause).collect()
}

fn root<'a>(diagnosis: &'a Diagnosis, cause: &str) -> &'a RootCause {
    diagnosis.root_causes.iter().find(|it| it.cause == cause).unwrap()
}

#[test]
fn one_outage_is_one_root_cause_of_all_vms_that_met_it() {
    let vms = 1..=5;
    let events: String = UNREACHABLE.to_owned() + &vms.clone().map(failed).collect::<String>();
    let diagnosis = run(&[("vcenter01/vpxd.log", vpxd(&events))]);
    let outages = findings(&diagnosis, "kms-unreachable");
    assert_eq!(outages.len(), 5);
    for outage in outages {
        assert_eq!((outage.role, outage.grade), (Role::RootCause, Grade::Probable));
        assert_eq!(outage.explains, ["rekey-fail-event"]);
    }
    let root = root(&diagnosis, "kms-unreachable");
    assert_eq!(root.vms.len(), 5);
    assert!(root.incidents.len() >= 5);
    assert_eq!(diagnosis.root_causes.len(), 1, "{:?}", diagnosis.root_causes);
}

#[test]
fn one_vm_that_failed_at_the_same_time_is_a_possibility() {
    let diagnosis = run(&[("vcenter01/vpxd.log", vpxd(&(UNREACHABLE.to_owned() + &failed(1))))]);
    let [outage] = findings(&diagnosis, "kms-unreachable")[..] else { unreachable!() };
    assert_eq!(outage.grade, Grade::Possible);
    assert!(outage.missing_evidence.iter().any(|it| it.what.en().contains("which key provider")));
    let [own] = findings(&diagnosis, "rekey-fail-event")[..] else { unreachable!() };
    assert_eq!(own.role, Role::RootCause);
}

/// vCenter's word that no key was made for a VM, and the end of its re-key.
fn no_key(number: u32) -> String {
    failed(number).replace("com.vmware.vc.vm.crypto.RekeyFail", "com.vmware.vc.kms.crypto.KeyGenerateFail")
}

/// The same key server, still silent a minute later.
fn still_unreachable() -> String {
    UNREACHABLE.replace("T10:05:10.5", "T10:06:10.5").replace("575801", "575802")
}

/// What its host logs of the re-key of another VM, which goes through between the two.
const CAME_THROUGH: &str = "\
2024-06-04T10:05:30.000Z info hostd[2099045] [Originator@6876 sub=Vimsvc.TaskManager opID=l9-01 user=vpxuser] Task Created : haTask-9-vim.VirtualMachine.reconfigure-77
2024-06-04T10:05:30.010Z info hostd[2099045] [Originator@6876 sub=Vmsvc.vm:/vmfs/volumes/ds1/APP-9/APP-9.vmx opID=l9-01 user=vpxuser] State Transition (VM_STATE_ON -> VM_STATE_RECONFIGURING)
2024-06-04T10:05:33.000Z info hostd[2099045] [Originator@6876 sub=Vimsvc.ha-eventmgr opID=l9-01 user=vpxuser] Event 8 : Reconfigured APP-9 on esx09.lab.example in ha-datacenter.
-->
--> Modified:
-->
--> config.keyId:(keyId = \"11aa\",providerId = (id = \"NKP-1\")) -> (keyId = \"22bb\",providerId = (id = \"KMS-EXT\"));
2024-06-04T10:05:33.010Z info hostd[2099045] [Originator@6876 sub=Vimsvc.TaskManager opID=l9-01 user=vpxuser] Task Completed : haTask-9-vim.VirtualMachine.reconfigure-77 Status success
";

#[test]
fn an_outage_before_and_after_a_failure_of_the_same_part_is_probably_its_cause() {
    let graded = |events: &str, host: &str| {
        let diagnosis = run(&[("vcenter01/vpxd.log", vpxd(events)), ("esx09/hostd.log", host.to_owned())]);
        let of_vm = diagnosis.incidents.iter().find(|it| it.vm.as_ref().is_some_and(|it| it.is("vm-1"))).unwrap();
        let outage = of_vm.findings.iter().find(|it| it.cause == "kms-unreachable");
        outage.map(|it| (it.role, it.grade))
    };
    let before = UNREACHABLE.to_owned();
    assert_eq!(
        graded(&(before.clone() + &no_key(1) + &still_unreachable()), ""),
        Some((Role::RootCause, Grade::Probable))
    );
    let possible = Some((Role::Contributing, Grade::Possible));
    assert_eq!(graded(&(before.clone() + &no_key(1)), ""), possible, "it may have been over by then");
    assert_eq!(graded(&(no_key(1) + &still_unreachable()), ""), possible, "it may have begun after it");
    let other = before.clone() + &failed(1) + &still_unreachable();
    assert_eq!(graded(&other, ""), possible, "a re-key fails for more reasons than its key server");
    let escaped = before + &no_key(1) + &still_unreachable();
    assert_eq!(graded(&escaped, CAME_THROUGH), possible, "another VM got its key meanwhile");
}

#[test]
fn an_outage_that_lasts_is_one_root_cause_for_all_that_failed_in_it() {
    let later = |number: u32, minute: u32| no_key(number).replace("T10:05", &format!("T10:{minute:02}"));
    let events = UNREACHABLE.replace("T10:05", "T10:00")
        + &later(1, 1)
        + &later(2, 20)
        + &later(3, 27)
        + &UNREACHABLE.replace("T10:05", "T10:28").replace("575801", "575803");
    let diagnosis = run(&[("vcenter01/vpxd.log", vpxd("") + &events)]);
    let [root] = diagnosis.root_causes.as_slice() else { panic!("{:?}", diagnosis.root_causes) };
    assert_eq!((root.cause.as_str(), root.vms.len()), ("kms-unreachable", 3));
}

#[test]
fn another_vcenter_and_another_hour_reach_nobody() {
    let elsewhere = [("vcenter01/vpxd.log", vpxd(&failed(1))), ("vcenter02/vpxd.log", vpxd(UNREACHABLE))];
    assert!(findings(&run(&elsewhere), "kms-unreachable").is_empty());
    let earlier = UNREACHABLE.replace("T10:05", "T08:05");
    assert!(findings(&run(&[("vcenter01/vpxd.log", earlier + &vpxd(&failed(1)))]), "kms-unreachable").is_empty());
}

/// What a host logs of a re-key that needs a key provider which it does not know.
fn hostd(host: &str, vms: &[u32], provider: &str) -> String {
    let mut log = String::new();
    for minute in 0..10 {
        writeln!(log, "2024-06-04T10:{minute:02}:00.000Z info hostd[2099045] [Originator@6876 sub=Hostsvc opID=t{minute}] Stats of {host} are written").unwrap();
        for vm in vms.iter().filter(|_| minute == 5) {
            let head = format!(
                "2024-06-04T10:05:10.000Z error hostd[2099045] [Originator@6876 sub=Vmsvc.vm:/vmfs/volumes/ds1/APP-{vm}/APP-{vm}.vmx opID=l{vm} user=vpxuser]"
            );
            writeln!(log, "{head} Failed to resolve key provider\n-->    com.vmware.esx.trusted_infrastructure.kms.providers.not_found<The provider '{provider}' does not exist.>").unwrap();
        }
    }
    let named = format!(
        "2024-06-04T09:59:01.000Z info hostd[2099045] [Originator@6876 sub=Vimsvc.ha-eventmgr] Event 7 : Reconfigured OLD-9 on {host}.lab.example in ha-datacenter.  "
    );
    format!(
        "2024-06-04T09:59:00.000Z Section for VMware ESX, pid=2099045, version=8.0.2, build=22380479, option=Release\n{named}\n{log}"
    )
}

#[test]
fn the_hosts_without_it_are_told_only_where_their_logs_cover_the_time() {
    let short: String = hostd("esx04", &[], "").split_inclusive('\n').take(4).collect();
    let diagnosis = run(&[
        ("esx01/hostd.log", hostd("esx01", &[1, 2], "KMS-EXT")),
        ("esx02/hostd.log", hostd("esx02", &[3], "KMS-EXT")),
        ("esx03/hostd.log", hostd("esx03", &[], "")),
        ("esx04/hostd.log", short),
        ("esx05/hostd.log", hostd("esx05", &[5], "KMS-DR")),
    ]);
    let roots: Vec<(&str, usize, Scope)> =
        diagnosis.root_causes.iter().map(|it| (it.cause.as_str(), it.vms.len(), it.scope)).collect();
    assert_eq!(roots.len(), 2, "{roots:?}");
    assert!(roots.iter().all(|it| it.0 == "kms-provider-not-found-on-host"));
    let ext = diagnosis.root_causes.iter().find(|it| it.vms.len() == 3).unwrap();
    assert_eq!(ext.scope, Scope::SeveralHosts);
    assert_eq!(ext.hosts, ["esx01.lab.example", "esx02.lab.example"]);
    assert_eq!(ext.hosts_without, ["esx03.lab.example", "esx05.lab.example"], "the log of esx04 ends before it");
    assert!(roots.iter().any(|it| it.1 == 3), "one missing provider, three VMs: {roots:?}");
    assert!(roots.iter().any(|it| it.1 == 1), "another provider is another failure: {roots:?}");
}
