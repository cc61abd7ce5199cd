//! The inventory for reading.

use std::collections::{BTreeMap, BTreeSet};

use esxray_diagnosis::{
    Coverage, Inventory, KeySeen, Layout, LayoutKind, ObjectKind, ObjectSeen, ProductVersion, VmSeen,
};
use esxray_model::{FormatName, KeyState, Lang, Said, Timestamp, say};

use crate::outputs::clocks;
use crate::outputs::text::{TextOptions, Verbosity, item, section};
use crate::page::{Both, Page, Phrase, Words};
use crate::paint::Style;
use crate::words::{counted, device, duration, grouped, grouped_in, span_of_time};

/// Width of the labels below a name.
const LABEL: usize = 12;
/// The same in French.
const LABEL_FR: usize = 14;
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
    let parts: Vec<Said> =
        parts.iter().filter(|it| it.0 > 0).map(|(count, what)| counted(*count as u64, what)).collect();
    let none = || say!(en: "nothing that has a name", fr: "rien qui ait un nom");
    let known = if parts.is_empty() { none() } else { Said::join(&parts, ", ") };
    let lead = page.phrase().styled(Style::Strong, ("INVENTORY", "INVENTAIRE")).say("  ");
    let (of, records) = (counted(inventory.sources.len() as u64, "source"), counted(records, "record"));
    let mut line = page.phrase().say(say!(
        en: "{known} in {of} with {records}";
        fr: "{} dans {} avec {}", known.fr(), of.fr(), records.fr()
    ));
    let first = inventory.sources.iter().filter_map(|it| it.first).min();
    let last = inventory.sources.iter().filter_map(|it| it.last).max();
    if let (Some(first), Some(last)) = (first, last) {
        line = line.say(", ").solid(Style::Plain, span_of_time(first, last));
    }
    page.hang(&lead, &line);
    let select = &inventory.select;
    let asked = [
        select.vm.as_ref().map(|vm| say!(en: "the VM {vm}", fr: "la VM {vm}")),
        select.since.map(|since| say!(en: "since {since}", fr: "depuis {since}")),
        select.until.map(|until| say!(en: "until {until}", fr: "jusqu’à {until}")),
    ];
    let asked: Vec<Said> = asked.into_iter().flatten().collect();
    if !asked.is_empty() {
        page.paragraph(
            2,
            &page.phrase().styled(Style::Dim, ("narrowed to ", "limité à ")).say(Said::join(&asked, ", ")),
        );
    }
}

/// A heading with an empty line above.
fn heading(page: &mut Page, title: Both) {
    page.blank();
    section(page, title);
}

fn labelled(page: &mut Page, label: Both, body: &Phrase) {
    let width = page.lang().pick(LABEL, LABEL_FR);
    let lead = page.phrase().say("    ").styled(Style::Dim, label).pad(4 + width).say(" ");
    page.hang(&lead, body);
}

/// `… and 7 more (-v shows all)`, where there are more.
fn more(page: &mut Page, all: usize, rows: usize) {
    if all > rows {
        let line = page.phrase().styled(
            Style::Dim,
            say!(
                en: "… and {} more (-v shows all)", all - rows;
                fr: "… et {} de plus (-v montre tout)", all - rows
            ),
        );
        page.paragraph(4, &line);
    }
}

fn layouts(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.layouts.is_empty() {
        return;
    }
    heading(page, ("What it is", "Nature de l’entrée"));
    for one in inventory.layouts.iter().take(rows) {
        let what = match one.kind {
            LayoutKind::EsxiBundle => ("vm-support bundle of a host", "bundle vm-support d’un hôte"),
            LayoutKind::VcenterBundle => {
                ("support bundle of a vCenter Server", "bundle de support d’un vCenter Server")
            }
            LayoutKind::VmFolders => ("folders of VMs", "dossiers de VM"),
            LayoutKind::VmFolder => ("folder of a VM", "dossier d’une VM"),
            LayoutKind::Logs => ("loose logs", "journaux isolés"),
        };
        let mut line = page.phrase().say(what);
        if !one.root.is_empty() {
            line = line.say("  ").styled(Style::Strong, &one.root);
        }
        item(page, (Style::Dim, "·"), &line.styled(Style::Dim, in_it(one).map(|it| format!("  {it}"))));
    }
    more(page, inventory.layouts.len(), rows);
}

/// `12 sources, 9 of them logs`.
fn in_it(layout: &Layout) -> Said {
    let sources = counted(layout.sources as u64, "source");
    match layout.logs {
        logs if logs == layout.sources => sources,
        0 => say!(en: "{sources}, no log among them"; fr: "{}, dont aucun journal", sources.fr()),
        logs => {
            say!(en: "{sources}, {} of them logs", grouped(logs as u64); fr: "{}, dont {logs} journaux", sources.fr())
        }
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
    heading(page, ("Expected and not there", "Attendu et absent"));
    for (log, would) in all.iter().take(rows) {
        let line = page
            .phrase()
            .say(log)
            .styled(Style::Dim, say!(en: "  would show {would}"; fr: "  montrerait {}", would.fr()));
        item(page, (Style::Warning, "–"), &line);
    }
    more(page, all.len(), rows);
}

fn hosts(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    if inventory.hosts.is_empty() {
        return;
    }
    heading(page, ("Hosts", "Hôtes"));
    for one in inventory.hosts.iter().take(rows) {
        let unnamed = if one.vcenter {
            (
                "a vCenter Server, its name is not in its logs",
                "un vCenter Server, dont le nom n’est pas dans ses journaux",
            )
        } else {
            ("a host, its name is not in its logs", "un hôte, dont le nom n’est pas dans ses journaux")
        };
        let name = match &one.name {
            Some(name) => page.phrase().styled(Style::Strong, name),
            None => page.phrase().styled(Style::Dim, unnamed),
        };
        item(page, (Style::Dim, "·"), &name);
        for version in &one.versions {
            let line = ran(page, version, full);
            labelled(page, ("ran", "version"), &line);
        }
        if let Some(seconds) = one.uptime_seconds {
            let body = page.phrase().say(duration(i64::try_from(seconds).unwrap_or(i64::MAX)));
            labelled(page, ("up for", "actif depuis"), &body);
        }
        if one.clock_synchronised == Some(false) {
            labelled(
                page,
                ("clock", "horloge"),
                &page.phrase().styled(Style::Warning, ("follows no time server", "ne suit aucun serveur de temps")),
            );
        }
        let invalid: Vec<String> = one.invalid_vmids.iter().map(u32::to_string).collect();
        if !invalid.is_empty() {
            let what = (
                "  skipped as invalid: their files or keys are out of its reach",
                "  ignorées car non valides\u{a0}: leurs fichiers ou leurs clés sont hors de sa portée",
            );
            labelled(
                page,
                ("invalid", "non valides"),
                &page.phrase().styled(Style::Warning, invalid.join(", ")).styled(Style::Dim, what),
            );
        }
        each(page, ("from", "source"), &one.sources, full);
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
            let line = page.phrase().styled(Style::Strong, &release.name).say(format!(" ({header})"));
            match (release.from_memory, full) {
                (true, _) => line.styled(
                    Style::Warning,
                    (", release from memory: check it", ", version donnée de mémoire\u{a0}: à vérifier"),
                ),
                (false, true) => {
                    line.styled(Style::Dim, say!(en: ", after {}", release.source; fr: ", selon {}", release.source))
                }
                (false, false) => line,
            }
        }
        None => page.phrase().say(&header).styled(Style::Dim, (", release not known", ", version inconnue")),
    }
}

/// A label with one line for each text; a few where not everything is wanted.
fn each(page: &mut Page, label: Both, texts: &[impl Words], full: bool) {
    const FEW: usize = 4;
    let shown = if full || texts.len() <= FEW { texts.len() } else { FEW - 1 };
    for (index, text) in texts.iter().take(shown).enumerate() {
        let body = page.phrase().say(text);
        labelled(page, if index == 0 { label } else { ("", "") }, &body);
    }
    if texts.len() > shown {
        let body = page.phrase().styled(
            Style::Dim,
            say!(
                en: "… and {} more (-v shows all)", texts.len() - shown;
                fr: "… et {} de plus (-v montre tout)", texts.len() - shown
            ),
        );
        labelled(page, ("", ""), &body);
    }
}

fn vms(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    if inventory.vms.is_empty() {
        return;
    }
    heading(page, ("VMs", "VM"));
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
        let lead = page.phrase().styled(
            Style::Dim,
            (
                "by id alone, so one of the above or another: ",
                "par leur seul identifiant, donc l’une des précédentes ou une autre\u{a0}: ",
            ),
        );
        item(page, (Style::Dim, "·"), &lead.say(ids.join(", ")));
    }
}

/// Whether nothing but ids is known, so that it may be a VM that the other logs name.
const fn is_id_alone(vm: &VmSeen) -> bool {
    vm.vm.name.is_none() && vm.vmx_paths.is_empty() && vm.logs.is_empty() && vm.objects.is_empty()
}

fn vm(page: &mut Page, one: &VmSeen, full: bool) {
    let mut name = match &one.vm.name {
        Some(name) => page.phrase().styled(Style::Strong, name),
        None => page.phrase().styled(Style::Dim, ("a VM without a name", "une VM sans nom")),
    };
    if one.only_quoted {
        name = name.styled(
            Style::Warning,
            (
                "  only quoted, in no log's own record",
                "  seulement citée, dans aucun enregistrement propre à un journal",
            ),
        );
    }
    item(page, (Style::Dim, "·"), &name);
    let also: Vec<String> = one.names.iter().filter(|it| Some(*it) != one.vm.name.as_ref()).cloned().collect();
    each(page, ("also called", "aussi appelée"), &also, full);
    let vmids: Vec<Said> = one
        .vmids
        .iter()
        .map(|it| {
            if it.host.is_empty() {
                Said::name(&it.vmid)
            } else {
                say!(en: "{} on {}", it.vmid, it.host; fr: "{} sur {}", it.vmid, it.host)
            }
        })
        .collect();
    each(page, ("vmid", "vmid"), &vmids, full);
    each(page, ("moref", "moref"), &one.morefs, full);
    each(page, ("UUID", "UUID"), &one.uuids, full);
    each(page, ("instance", "instance"), &one.instance_uuids, full);
    each(page, (".vmx", ".vmx"), &one.vmx_paths, full);
    each(page, ("logs", "journaux"), &one.logs, full);
    each(page, ("files", "fichiers"), &one.files, full);
    let shown = if full { usize::MAX } else { ROWS };
    for object in one.objects.iter().take(shown) {
        let label = if object.kind == ObjectKind::VmHome { ("home", "VM Home") } else { ("disk", "disque") };
        let body = object_line(page, object, full);
        labelled(page, label, &body);
    }
    more(page, one.objects.len(), shown);
}

/// `device 2000 /vmfs/…/APP-01.vmdk on the new key 1bf7… of KMS-EXT`.
fn object_line(page: &Page, one: &ObjectSeen, full: bool) -> Phrase {
    let names = [one.label.as_deref().map(device), one.path.as_ref().map(Said::name)];
    let mut line = page.phrase().say(Said::join(names.iter().flatten(), "  "));
    let (style, words): (_, Both) = match one.key_state {
        Some(KeyState::New) => (Style::Plain, ("on the new key", "sur la nouvelle clé")),
        Some(KeyState::Old) => (Style::Plain, ("on the old key", "sur l’ancienne clé")),
        _ if one.key_id.is_some() || one.provider.is_some() => (Style::Plain, ("on the key", "sur la clé")),
        Some(KeyState::Unknown) => (Style::Warning, ("on which key is not shown", "clé non montrée")),
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
        line = line.say((" of ", " de ")).say(provider);
    }
    line
}

fn key_id(page: &Page, key: &str, full: bool) -> Phrase {
    page.phrase().styled(Style::Dim, key).cut(if full { usize::MAX } else { KEY })
}

/// When records name something, how many, and about whom.
fn named_by(page: &Page, records: u64, first: Option<Timestamp>, last: Option<Timestamp>, only_quoted: bool) -> Phrase {
    let mut line = page.phrase().styled(Style::Dim, counted(records, "record"));
    if let (Some(first), Some(last)) = (first, last) {
        line = line.styled(Style::Dim, ", ").solid(Style::Dim, span_of_time(first, last));
    }
    if only_quoted {
        line = line.styled(Style::Warning, (", only quoted", ", seulement citée"));
    }
    line
}

fn datastores(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.datastores.is_empty() {
        return;
    }
    heading(page, ("Datastores", "Datastores"));
    for one in inventory.datastores.iter().take(rows) {
        let name = match (one.names.as_slice(), &one.uuid) {
            ([], uuid) => page.phrase().styled(Style::Strong, uuid.as_deref().unwrap_or_default()),
            (names, uuid) => {
                let name = page.phrase().styled(Style::Strong, names.join(", "));
                uuid.iter().fold(name, |name, uuid| name.say("  ").styled(Style::Dim, uuid))
            }
        };
        item(page, (Style::Dim, "·"), &name);
        if !one.vms.is_empty() {
            labelled(page, ("VMs", "VM"), &page.phrase().say(one.vms.join(", ")));
        }
    }
    more(page, inventory.datastores.len(), rows);
}

fn providers(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.providers.is_empty() {
        return;
    }
    heading(page, ("Key providers", "Fournisseurs de clés"));
    for one in inventory.providers.iter().take(rows) {
        let name = page.phrase().styled(Style::Strong, &one.provider);
        item(page, (Style::Dim, "·"), &name);
        if !one.vms.is_empty() {
            labelled(page, ("VMs", "VM"), &page.phrase().say(one.vms.join(", ")));
        }
        let body = named_by(page, one.records, one.first, one.last, one.only_quoted);
        labelled(page, ("named by", "nommé par"), &body);
    }
    more(page, inventory.providers.len(), rows);
}

fn keys(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    if inventory.keys.is_empty() {
        return;
    }
    heading(page, ("Keys (ids alone)", "Clés (identifiants seuls)"));
    for one in inventory.keys.iter().take(rows) {
        key(page, one, full);
    }
    more(page, inventory.keys.len(), rows);
}

fn key(page: &mut Page, one: &KeySeen, full: bool) {
    let id = page.phrase().styled(Style::Strong, &one.key_id).cut(if full { usize::MAX } else { KEY });
    let id = match &one.provider {
        Some(provider) => id.say((" of ", " de ")).say(provider),
        None => id.styled(Style::Dim, (", provider not named with it", ", fournisseur non nommé avec elle")),
    };
    item(page, (Style::Dim, "·"), &id);
    if !one.vms.is_empty() {
        labelled(page, ("VMs", "VM"), &page.phrase().say(one.vms.join(", ")));
    }
    let body = named_by(page, one.records, one.first, one.last, one.only_quoted);
    labelled(page, ("named by", "nommé par"), &body);
}

/// Where a generation of a log may be missing; that a VM was off in between is shown only where all is.
fn between(page: &mut Page, inventory: &Inventory, rows: usize, full: bool) {
    let all: Vec<_> = inventory.between.iter().filter(|it| full || !it.usual).collect();
    if all.is_empty() {
        return;
    }
    heading(page, ("Nothing between two generations", "Rien entre deux générations"));
    for one in all.iter().take(rows) {
        let style = if one.usual { Style::Dim } else { Style::Warning };
        let line = page
            .phrase()
            .say(&one.older)
            .say((" and ", " et "))
            .say(&one.newer)
            .say(": ")
            .solid(Style::Plain, span_of_time(one.from, one.to))
            .styled(Style::Dim, format!(" ({})", duration(one.to.micros_since(one.from))));
        item(page, (style, "–"), &line);
    }
    more(page, all.len(), rows);
}

fn sources(page: &mut Page, inventory: &Inventory, full: bool) {
    if inventory.sources.is_empty() {
        return;
    }
    heading(page, ("Sources", "Sources"));
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
            0 => Said::default(),
            others => {
                let others = grouped(others);
                say!(en: ", {others} without a record", fr: ", dont {others} sans enregistrement")
            }
        };
        let more = say!(
            en: "… and {count}{without} (-v shows all)";
            fr: "… et {}{} (-v montre tout)", count.fr(), without.fr()
        );
        let line = page.phrase().styled(Style::Dim, more);
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
        let mut line = page
            .phrase()
            .styled(Style::Strong, format)
            .say("  ")
            .say(Said::join([&counted(logs.len() as u64, "source"), &counted(records, "record")], ", "));
        let first = logs.iter().filter_map(|it| it.first).min();
        if let (Some(first), Some(last)) = (first, logs.iter().filter_map(|it| it.last).max()) {
            line = line.say(", ").solid(Style::Plain, span_of_time(first, last));
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
    labelled(page, ("format", "format"), &page.phrase().say(&form));
    let (records, lines, bytes) =
        (counted(one.records, "record"), counted(one.lines, "line"), counted(one.bytes, "byte"));
    let mut size = say!(
        en: "{records} in {lines} and {bytes}";
        fr: "{} en {} et {}", records.fr(), lines.fr(), bytes.fr()
    );
    if one.unparsed_lines > 0 {
        let unparsed = one.unparsed_lines;
        size = say!(
            en: "{size}; {} unparsed", grouped(unparsed);
            fr: "{}\u{a0}; {} non lues", size.fr(), grouped_in(Lang::Fr, unparsed)
        );
    }
    labelled(page, ("holds", "contient"), &page.phrase().say(&size));
    if let (Some(first), Some(last)) = (one.first, one.last) {
        labelled(page, ("covers", "couvre"), &page.phrase().solid(Style::Plain, span_of_time(first, last)));
    }
    gaps(page, one, gap_seconds, full);
    for problem in &one.problems {
        labelled(page, ("doubt", "doute"), &page.phrase().styled(Style::Warning, problem));
    }
    if full {
        labelled(page, ("sha256", "sha256"), &page.phrase().styled(Style::Dim, &one.sha256));
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
            .solid(Style::Plain, span_of_time(*from, *to))
            .styled(Style::Dim, format!(" ({})", duration(to.micros_since(*from))));
        labelled(page, if index == 0 { ("silent", "silence") } else { ("", "") }, &line);
    }
    if gaps.len() > shown {
        let over = duration(gap_seconds.saturating_mul(1_000_000));
        let left = gaps.len() - shown;
        let line = say!(
            en: "… and {left} shorter ones of more than {over} (-v shows all)",
            fr: "… et {left} plus courts, de plus de {over} (-v montre tout)",
        );
        labelled(page, ("", ""), &page.phrase().styled(Style::Dim, &line));
    }
}

fn problems(page: &mut Page, inventory: &Inventory, rows: usize) {
    if inventory.problems.is_empty() {
        return;
    }
    heading(page, ("Not read, or read in part", "Non lu, ou lu en partie"));
    for one in inventory.problems.iter().take(rows) {
        let style = if one.incomplete { Style::Warning } else { Style::Plain };
        let mut line = page.phrase().say(&one.source).say(": ").styled(style, &one.problem);
        if let Some(lost) = one.lost_bytes.map(|lost| counted(lost, "byte")) {
            line = line.styled(Style::Dim, say!(en: " ({lost} lost)"; fr: " ({} perdus)", lost.fr()));
        }
        item(page, (style, "!"), &line);
    }
    more(page, inventory.problems.len(), rows);
}
