//! The inventory for reading.

use std::collections::{BTreeMap, BTreeSet};

use esxray_diagnosis::{
    Coverage, Inventory, KeySeen, Layout, LayoutKind, ObjectKind, ObjectSeen, ProductVersion, VmSeen,
};
use esxray_model::{FormatName, KeyState, Said, Timestamp, say};

use crate::outputs::clocks;
use crate::outputs::text::{TextOptions, Verbosity, item, section};
use crate::page::{Page, Phrase};
use crate::paint::Style;
use crate::words::{counted, duration, grouped, span_of_time};

/// Width of the labels below a name.
const LABEL: usize = 12;
/// Rows of each list where not everything is wanted.
const ROWS: usize = 20;
/// Gaps of each source where not everything is wanted.
const GAPS: usize = 3;
/// Columns of a key id where not everything is wanted: longer than a UUID.
const KEY: usize = 40;

/// The inventory as text; with [`Verbosity::Verbose`], without leaving anything out.
pub fn text(inventory: &Inventory, options: &TextOptions) -> String {
    let mut page = options.page();
    headline(&mut page, inventory);
    if options.verbosity > Verbosity::Quiet {
        let full = options.verbosity == Verbosity::Verbose;
        let rows = if full { usize::MAX } else { ROWS };
        layouts(&mut page, inventory, rows);
        missing(&mut page, inventory, rows);
        hosts(&mut page, inventory, rows, full);
        vms(&mut page, inventory, rows, full);
        datastores(&mut page, inventory, rows);
        providers(&mut page, inventory, rows);
        keys(&mut page, inventory, rows, full);
        clocks::write(&mut page, &inventory.clocks, full);
        between(&mut page, inventory, rows, full);
        sources(&mut page, inventory, full);
        problems(&mut page, inventory, rows);
    }
    page.finish()
}

fn headline(page: &mut Page, inventory: &Inventory) {
    let records: u64 = inventory.sources.iter().map(|it| it.records).sum();
    let vcenters = inventory.hosts.iter().filter(|it| it.vcenter).count();
    let parts = [
        (inventory.hosts.len() - vcenters, "host"),
        (vcenters, "vCenter Server"),
        (inventory.vms.iter().filter(|it| !is_id_alone(it)).count(), "VM"),
        (inventory.vms.iter().filter(|it| is_id_alone(it)).count(), "nameless VM id"),
        (inventory.providers.len(), "key provider"),
        (inventory.keys.len(), "key"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|it| it.0 > 0).map(|(count, what)| counted(*count as u64, what)).collect();
    let known = if parts.is_empty() { "nothing that has a name".to_owned() } else { parts.join(", ") };
    let lead = page.phrase().styled(Style::Strong, "INVENTORY").say("  ");
    let mut line = page.phrase().say(&format!(
        "{known} in {} with {}",
        counted(inventory.sources.len() as u64, "source"),
        counted(records, "record"),
    ));
    let first = inventory.sources.iter().filter_map(|it| it.first).min();
    let last = inventory.sources.iter().filter_map(|it| it.last).max();
    if let (Some(first), Some(last)) = (first, last) {
        line = line.say(", ").solid(Style::Plain, &span_of_time(first, last));
    }
    page.hang(&lead, &line);
    let select = &inventory.select;
    let asked = [
        select.vm.as_ref().map(|vm| format!("the VM {vm}")),
        select.since.map(|since| format!("since {since}")),
        select.until.map(|until| format!("until {until}")),
    ];
    let asked: Vec<String> = asked.into_iter().flatten().collect();
    if !asked.is_empty() {
        page.paragraph(2, &page.phrase().styled(Style::Dim, "narrowed to ").say(&asked.join(", ")));
    }
}

/// A heading with an empty line above.
fn heading(page: &mut Page, title: &str) {
    page.blank();
    section(page, title);
}

fn labelled(page: &mut Page, label: &str, body: &Phrase) {
    let lead = page.phrase().say("    ").styled(Style::Dim, label).pad(4 + LABEL).say(" ");
    page.hang(&lead, body);
}

/// `… and 7 more (-v shows all)`, where there are more.
fn more(page: &mut Page, all: usize, rows: usize) {
    if all > rows {
        let line = page.phrase().styled(Style::Dim, &format!("… and {} more (-v shows all)", all - rows));
        page.paragraph(4, &line);
    }
}

fn layouts(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.layouts.is_empty() {
        return;
    }
    heading(page, "What it is");
    for one in inventory.layouts.iter().take(rows) {
        let what = match one.kind {
            LayoutKind::EsxiBundle => "vm-support bundle of a host",
            LayoutKind::VcenterBundle => "support bundle of a vCenter Server",
            LayoutKind::VmFolders => "folders of VMs",
            LayoutKind::VmFolder => "folder of a VM",
            LayoutKind::Logs => "loose logs",
        };
        let mut line = page.phrase().say(what);
        if !one.root.is_empty() {
            line = line.say("  ").styled(Style::Strong, &one.root);
        }
        item(page, (Style::Dim, "·"), &line.styled(Style::Dim, &format!("  {}", in_it(one))));
    }
    more(page, inventory.layouts.len(), rows);
}

/// `12 sources, 9 of them logs`.
fn in_it(layout: &Layout) -> String {
    let sources = counted(layout.sources as u64, "source");
    match layout.logs {
        logs if logs == layout.sources => sources,
        0 => format!("{sources}, no log among them"),
        logs => format!("{sources}, {} of them logs", grouped(logs as u64)),
    }
}

fn missing(page: &mut Page, inventory: &Inventory, rows: usize) {
    let all: BTreeSet<(Said, &Said)> = inventory
        .layouts
        .iter()
        .flat_map(|layout| {
            let inside = matches!(layout.kind, LayoutKind::EsxiBundle | LayoutKind::VcenterBundle);
            layout.missing.iter().map(move |it| {
                let (log, root) = (&it.log, &layout.root);
                let placed = inside && !root.is_empty();
                let log = if placed { say!(en: "{log} of {root}", fr: "{log} de {root}") } else { Said::name(log) };
                (log, &it.would)
            })
        })
        .collect();
    if all.is_empty() {
        return;
    }
    heading(page, "Expected and not there");
    for (log, would) in all.iter().take(rows) {
        let line = page.phrase().say(log).styled(Style::Dim, &format!("  would show {would}"));
        item(page, (Style::Warning, "–"), &line);
    }
    more(page, all.len(), rows);
}

fn hosts(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    if inventory.hosts.is_empty() {
        return;
    }
    heading(page, "Hosts");
    for one in inventory.hosts.iter().take(rows) {
        let unnamed = if one.vcenter {
            "a vCenter Server, its name is not in its logs"
        } else {
            "a host, its name is not in its logs"
        };
        let name = match &one.name {
            Some(name) => page.phrase().styled(Style::Strong, name),
            None => page.phrase().styled(Style::Dim, unnamed),
        };
        item(page, (Style::Dim, "·"), &name);
        for version in &one.versions {
            let line = ran(page, version, full);
            labelled(page, "ran", &line);
        }
        if let Some(seconds) = one.uptime_seconds {
            let body = page.phrase().say(&duration(i64::try_from(seconds).unwrap_or(i64::MAX)));
            labelled(page, "up for", &body);
        }
        if one.clock_synchronised == Some(false) {
            labelled(page, "clock", &page.phrase().styled(Style::Warning, "follows no time server"));
        }
        let invalid: Vec<String> = one.invalid_vmids.iter().map(u32::to_string).collect();
        if !invalid.is_empty() {
            let what = "  skipped as invalid: their files or keys are out of its reach";
            labelled(
                page,
                "invalid",
                &page.phrase().styled(Style::Warning, &invalid.join(", ")).styled(Style::Dim, what),
            );
        }
        each(page, "from", &one.sources, full);
    }
    more(page, inventory.hosts.len(), rows);
}

/// `ESXi 8.0 U2 (VMware ESX 8.0.2 build 22380479)`.
fn ran(page: &Page, one: &ProductVersion, full: bool) -> Phrase {
    let mut header = one.product.clone();
    for (before, part) in [(" ", &one.version), (" build ", &one.build)] {
        if let Some(part) = part {
            header = header + before + part;
        }
    }
    match &one.release {
        Some(release) => {
            let line = page.phrase().styled(Style::Strong, &release.name).say(&format!(" ({header})"));
            match (release.from_memory, full) {
                (true, _) => line.styled(Style::Warning, ", release from memory: check it"),
                (false, true) => line.styled(Style::Dim, &format!(", after {}", release.source)),
                (false, false) => line,
            }
        }
        None => page.phrase().say(&header).styled(Style::Dim, ", release not known"),
    }
}

/// A label with one line for each text; a few where not everything is wanted.
fn each(page: &mut Page, label: &str, texts: &[String], full: bool) {
    const FEW: usize = 4;
    let shown = if full || texts.len() <= FEW { texts.len() } else { FEW - 1 };
    for (index, text) in texts.iter().take(shown).enumerate() {
        let body = page.phrase().say(text);
        labelled(page, if index == 0 { label } else { "" }, &body);
    }
    if texts.len() > shown {
        let body = page.phrase().styled(Style::Dim, &format!("… and {} more (-v shows all)", texts.len() - shown));
        labelled(page, "", &body);
    }
}

fn vms(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    if inventory.vms.is_empty() {
        return;
    }
    heading(page, "VMs");
    let (ids, mut named): (Vec<&VmSeen>, Vec<&VmSeen>) = inventory.vms.iter().partition(|it| is_id_alone(it));
    // Those of which most is known first: a limit leaves out the others.
    named.sort_by_key(|it| (it.objects.iter().all(|object| object.key_state.is_none()), it.logs.is_empty()));
    for one in named.iter().take(rows) {
        vm(page, one, full);
    }
    more(page, named.len(), rows);
    let ids: Vec<&str> =
        ids.iter().flat_map(|it| it.morefs.iter().chain(it.vm.vmid.as_ref())).map(String::as_str).collect();
    if !ids.is_empty() {
        let lead = page.phrase().styled(Style::Dim, "by id alone, so one of the above or another: ");
        item(page, (Style::Dim, "·"), &lead.say(&ids.join(", ")));
    }
}

/// Whether nothing but ids is known, so that it may be a VM that the other logs name.
const fn is_id_alone(vm: &VmSeen) -> bool {
    vm.vm.name.is_none() && vm.vmx_paths.is_empty() && vm.logs.is_empty() && vm.objects.is_empty()
}

fn vm(page: &mut Page, one: &VmSeen, full: bool) {
    let mut name = match &one.vm.name {
        Some(name) => page.phrase().styled(Style::Strong, name),
        None => page.phrase().styled(Style::Dim, "a VM without a name"),
    };
    if one.only_quoted {
        name = name.styled(Style::Warning, "  only quoted, in no log's own record");
    }
    item(page, (Style::Dim, "·"), &name);
    let also: Vec<String> = one.names.iter().filter(|it| Some(*it) != one.vm.name.as_ref()).cloned().collect();
    each(page, "also called", &also, full);
    let vmids: Vec<String> = one
        .vmids
        .iter()
        .map(|it| if it.host.is_empty() { it.vmid.clone() } else { format!("{} on {}", it.vmid, it.host) })
        .collect();
    each(page, "vmid", &vmids, full);
    each(page, "moref", &one.morefs, full);
    each(page, "UUID", &one.uuids, full);
    each(page, "instance", &one.instance_uuids, full);
    each(page, ".vmx", &one.vmx_paths, full);
    each(page, "logs", &one.logs, full);
    each(page, "files", &one.files, full);
    let shown = if full { usize::MAX } else { ROWS };
    for object in one.objects.iter().take(shown) {
        let label = if object.kind == ObjectKind::VmHome { "home" } else { "disk" };
        let body = object_line(page, object, full);
        labelled(page, label, &body);
    }
    more(page, one.objects.len(), shown);
}

/// `device 2000 /vmfs/…/APP-01.vmdk on the new key 1bf7… of KMS-EXT`.
fn object_line(page: &Page, one: &ObjectSeen, full: bool) -> Phrase {
    let names: Vec<&str> = [&one.label, &one.path].into_iter().flatten().map(String::as_str).collect();
    let mut line = page.phrase().say(&names.join("  "));
    let (style, words) = match one.key_state {
        Some(KeyState::New) => (Style::Plain, "on the new key"),
        Some(KeyState::Old) => (Style::Plain, "on the old key"),
        _ if one.key_id.is_some() || one.provider.is_some() => (Style::Plain, "on the key"),
        Some(KeyState::Unknown) => (Style::Warning, "on which key is not shown"),
        None => return line,
    };
    if !line.is_empty() {
        line = line.say("  ");
    }
    line = line.styled(style, words);
    if let Some(key) = &one.key_id {
        line = line.say(" ").and(&key_id(page, key, full));
    }
    if let Some(provider) = &one.provider {
        line = line.say(" of ").say(provider);
    }
    line
}

fn key_id(page: &Page, key: &str, full: bool) -> Phrase {
    page.phrase().styled(Style::Dim, key).cut(if full { usize::MAX } else { KEY })
}

/// When records name something, how many, and about whom.
fn named_by(page: &Page, records: u64, first: Option<Timestamp>, last: Option<Timestamp>, only_quoted: bool) -> Phrase {
    let mut line = page.phrase().styled(Style::Dim, &counted(records, "record"));
    if let (Some(first), Some(last)) = (first, last) {
        line = line.styled(Style::Dim, ", ").solid(Style::Dim, &span_of_time(first, last));
    }
    if only_quoted {
        line = line.styled(Style::Warning, ", only quoted");
    }
    line
}

fn datastores(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.datastores.is_empty() {
        return;
    }
    heading(page, "Datastores");
    for one in inventory.datastores.iter().take(rows) {
        let name = match (one.names.as_slice(), &one.uuid) {
            ([], uuid) => page.phrase().styled(Style::Strong, uuid.as_deref().unwrap_or_default()),
            (names, uuid) => {
                let name = page.phrase().styled(Style::Strong, &names.join(", "));
                uuid.iter().fold(name, |name, uuid| name.say("  ").styled(Style::Dim, uuid))
            }
        };
        item(page, (Style::Dim, "·"), &name);
        if !one.vms.is_empty() {
            labelled(page, "VMs", &page.phrase().say(&one.vms.join(", ")));
        }
    }
    more(page, inventory.datastores.len(), rows);
}

fn providers(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.providers.is_empty() {
        return;
    }
    heading(page, "Key providers");
    for one in inventory.providers.iter().take(rows) {
        let name = page.phrase().styled(Style::Strong, &one.provider);
        item(page, (Style::Dim, "·"), &name);
        if !one.vms.is_empty() {
            labelled(page, "VMs", &page.phrase().say(&one.vms.join(", ")));
        }
        let body = named_by(page, one.records, one.first, one.last, one.only_quoted);
        labelled(page, "named by", &body);
    }
    more(page, inventory.providers.len(), rows);
}

fn keys(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    if inventory.keys.is_empty() {
        return;
    }
    heading(page, "Keys (ids alone)");
    for one in inventory.keys.iter().take(rows) {
        key(page, one, full);
    }
    more(page, inventory.keys.len(), rows);
}

fn key(page: &mut Page, one: &KeySeen, full: bool) {
    let id = page.phrase().styled(Style::Strong, &one.key_id).cut(if full { usize::MAX } else { KEY });
    let id = match &one.provider {
        Some(provider) => id.say(" of ").say(provider),
        None => id.styled(Style::Dim, ", provider not named with it"),
    };
    item(page, (Style::Dim, "·"), &id);
    if !one.vms.is_empty() {
        labelled(page, "VMs", &page.phrase().say(&one.vms.join(", ")));
    }
    let body = named_by(page, one.records, one.first, one.last, one.only_quoted);
    labelled(page, "named by", &body);
}

/// Where a generation of a log may be missing; that a VM was off in between is shown only where all is.
fn between(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    let all: Vec<_> = inventory.between.iter().filter(|it| full || !it.usual).collect();
    if all.is_empty() {
        return;
    }
    heading(page, "Nothing between two generations");
    for one in all.iter().take(rows) {
        let style = if one.usual { Style::Dim } else { Style::Warning };
        let line = page
            .phrase()
            .say(&one.older)
            .say(" and ")
            .say(&one.newer)
            .say(": ")
            .solid(Style::Plain, &span_of_time(one.from, one.to))
            .styled(Style::Dim, &format!(" ({})", duration(one.to.micros_since(one.from))));
        item(page, (style, "–"), &line);
    }
    more(page, all.len(), rows);
}

fn sources(page: &mut Page, inventory: &Inventory, full: bool) {
    if inventory.sources.is_empty() {
        return;
    }
    heading(page, "Sources");
    let (mut logs, others): (Vec<&Coverage>, Vec<&Coverage>) =
        inventory.sources.iter().partition(|it| full || it.records > 0 || !it.problems.is_empty() && it.lines == 0);
    let all = logs.len();
    if !full && all > ROWS {
        by_format(page, &logs);
        // Of many, those that a reader has to know of.
        logs.retain(|it| !it.problems.is_empty());
        logs.truncate(ROWS);
    }
    for one in &logs {
        source(page, one, inventory.gap_seconds, full);
    }
    let left = all - logs.len() + others.len();
    if left > 0 {
        let count = counted(left as u64, "more source");
        let without = match others.len() as u64 {
            0 => String::new(),
            others => format!(", {} without a record", grouped(others)),
        };
        let line = page.phrase().styled(Style::Dim, &format!("… and {count}{without} (-v shows all)"));
        page.paragraph(4, &line);
    }
}

/// One line for each format, where the sources are too many to be read one by one.
fn by_format(page: &mut Page, logs: &[&Coverage]) {
    let mut formats: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for one in logs {
        formats.entry(one.format).or_default().push(one);
    }
    for (format, logs) in formats {
        let records: u64 = logs.iter().map(|it| it.records).sum();
        let mut line = page.phrase().styled(Style::Strong, format).say(&format!(
            "  {}, {}",
            counted(logs.len() as u64, "source"),
            counted(records, "record")
        ));
        let first = logs.iter().filter_map(|it| it.first).min();
        if let (Some(first), Some(last)) = (first, logs.iter().filter_map(|it| it.last).max()) {
            line = line.say(", ").solid(Style::Plain, &span_of_time(first, last));
        }
        item(page, (Style::Dim, "·"), &line);
    }
}

fn source(page: &mut Page, one: &Coverage, gap_seconds: i64, full: bool) {
    let name = page.phrase().styled(Style::Strong, &one.source);
    item(page, (Style::Dim, "·"), &name);
    let form = match one.dialect {
        Some(dialect) if dialect != one.format => format!("{} ({dialect})", one.format),
        _ => one.format.to_owned(),
    };
    labelled(page, "format", &page.phrase().say(&form));
    let mut size = format!(
        "{} in {} and {}",
        counted(one.records, "record"),
        counted(one.lines, "line"),
        counted(one.bytes, "byte"),
    );
    if one.unparsed_lines > 0 {
        size = format!("{size}; {} unparsed", grouped(one.unparsed_lines));
    }
    labelled(page, "holds", &page.phrase().say(&size));
    if let (Some(first), Some(last)) = (one.first, one.last) {
        labelled(page, "covers", &page.phrase().solid(Style::Plain, &span_of_time(first, last)));
    }
    gaps(page, one, gap_seconds, full);
    for problem in &one.problems {
        labelled(page, "doubt", &page.phrase().styled(Style::Warning, problem));
    }
    if full {
        labelled(page, "sha256", &page.phrase().styled(Style::Dim, &one.sha256));
    }
}

fn gaps(page: &mut Page, one: &Coverage, gap_seconds: i64, full: bool) {
    // A VM's log is silent for days, and nothing is lost.
    if one.format == FormatName::VmwareLog.as_str() && !full {
        return;
    }
    // The longest ones first where not all are shown.
    let mut gaps = one.gaps.clone();
    let shown = if full { gaps.len() } else { GAPS };
    if gaps.len() > shown {
        gaps.sort_by_key(|(from, to)| std::cmp::Reverse(to.micros_since(*from)));
    }
    for (index, (from, to)) in gaps.iter().take(shown).enumerate() {
        let line = page
            .phrase()
            .solid(Style::Plain, &span_of_time(*from, *to))
            .styled(Style::Dim, &format!(" ({})", duration(to.micros_since(*from))));
        labelled(page, if index == 0 { "silent" } else { "" }, &line);
    }
    if gaps.len() > shown {
        let over = duration(gap_seconds.saturating_mul(1_000_000));
        let line = format!("… and {} shorter ones of more than {over} (-v shows all)", gaps.len() - shown);
        labelled(page, "", &page.phrase().styled(Style::Dim, &line));
    }
}

fn problems(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.problems.is_empty() {
        return;
    }
    heading(page, "Not read, or read in part");
    for one in inventory.problems.iter().take(rows) {
        let style = if one.incomplete { Style::Warning } else { Style::Plain };
        let mut line = page.phrase().say(&one.source).say(": ").styled(style, &one.problem);
        if let Some(lost) = one.lost_bytes {
            line = line.styled(Style::Dim, &format!(" ({} lost)", counted(lost, "byte")));
        }
        item(page, (style, "!"), &line);
    }
    more(page, inventory.problems.len(), rows);
}
