//! `esxray redact`: a copy of the input with pseudonyms.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use esxray::bundle::{Limits, Plan, Unit, plan};
use esxray::model::{Lang, Said, say};
use esxray::record::ReadOptions;
use esxray::redact::{Difference, Encoding, Gather, Redactor, Sources, Tally, compare, stretches};
use esxray::report::{Charset, Shown};
use esxray::{Knowledge, Options, Output};
use tempfile::NamedTempFile;

use super::read_options;
use crate::archive::{Tar, Tree, Unpacked, is_archive};
use crate::args::{Input, LimitFlags, Look, Redact, Replace};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Destination, OutputError, is_read_once};
use crate::progress::Progress;
use crate::{interrupt, packs, say, terminal};

pub(crate) fn run(args: &Redact) -> Result<Exit, Failure> {
    let target = Place::check(&args.output, args.force, &args.input.paths)?;
    let map = map_file(args.replace.map.as_deref(), args.force, &args.input.paths, Some(&args.output))?;
    let knowledge = packs::load(&args.packs.folders)?;
    let progress = Progress::begin(&args.look.noise, false);
    let work = Work::new(&args.input, &args.limits);
    let redacted = target.fill(|tree| redact(&args.input.paths, &knowledge, &work, &args.replace, tree))?;
    if let Some(map) = map {
        write_map(&map, &redacted.redactor.map(), args.force)?;
    }
    let proof =
        args.verify.then(|| prove(&args.input.paths, &args.output, &knowledge, &work, &redacted)).transpose()?;
    drop(progress);
    tell(&redacted, proof.as_ref(), &args.look)
}

/// Says what was done, and what it means for a script.
pub(crate) fn tell(redacted: &Redacted, proof: Option<&Proof>, look: &Look) -> Result<Exit, Failure> {
    let look = terminal::text_options(look, &Destination::Stdout);
    let charset = if look.unicode { Charset::Unicode } else { Charset::Ascii };
    let told = redacted.tell().into_iter().chain(proof.into_iter().flat_map(Proof::tell));
    let lines = told.map(|line| Shown::new(line.r#in(look.lang), charset).to_string() + "\n");
    let text: String = lines.collect();
    Destination::Stdout.write(&text)?;
    let fine = redacted.tally.left.is_empty() && proof.is_none_or(Proof::holds);
    if !fine {
        say(&format!("{}\n", Shown::new(&warning(look.lang), charset).as_str()));
    }
    Ok(if fine { Exit::Done } else { Exit::Unproven })
}

fn warning(lang: Lang) -> String {
    let text = say!(
        en: "warning: do not hand on the copy before what stands above is settled",
        fr: "attention : ne transmettez pas la copie avant d'avoir réglé ce qui précède",
    );
    text.r#in(lang).to_owned()
}

/// How to read, for each of the readings.
pub(crate) struct Work {
    read: ReadOptions,
    limits: Limits,
    threads: Option<usize>,
    memory: Option<u64>,
}

impl Work {
    pub(crate) fn new(input: &Input, limits: &LimitFlags) -> Self {
        Self {
            read: read_options(input, limits),
            limits: limits.limits(input.threads),
            threads: input.threads.map(Into::into),
            memory: limits.max_memory.map(|memory| memory.0),
        }
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            read: self.read.clone(),
            limits: self.limits.clone(),
            threads: self.threads,
            memory_bytes: self.memory,
            ..Options::default()
        }
    }
}

/// What became of an input.
pub(crate) struct Redacted {
    pub(crate) redactor: Redactor,
    pub(crate) tally: Tally,
    /// What each source of the input is called in the copy, below the copy.
    sources: Sources,
    /// Sources that have no copy, and why.
    left_out: Vec<(String, String)>,
    files: u64,
}

/// Fills a tree with a copy of the input.
pub(crate) fn redact(
    paths: &[PathBuf],
    knowledge: &Knowledge,
    work: &Work,
    replace: &Replace,
    tree: &mut Tree,
) -> Result<Redacted, Failure> {
    if paths.iter().any(|path| is_read_once(path)) {
        return Err(Failure::RedactStream);
    }
    let mut gather = Gather::new(knowledge, &replace.also, &replace.keep)?;
    gather.inventory(&esxray::diagnosis::inventory(paths, knowledge, &work.options())?);
    let found = plan(paths, &work.limits)?;
    for unit in &found.units {
        unit.read(&work.limits, &mut |member| {
            gather.source(&below(paths, unit, &member.name));
            // What cannot be read is left out when the copy is made, and told then.
            let _ = stretches(member.reader, &mut |_, text| {
                gather.text(text);
                Ok(())
            });
        });
    }
    copy(paths, &found, work, gather.finish()?, tree)
}

fn copy(
    paths: &[PathBuf],
    found: &Plan,
    work: &Work,
    redactor: Redactor,
    tree: &mut Tree,
) -> Result<Redacted, Failure> {
    let write = |source| OutputError::Write { path: "the copy".to_owned(), source };
    let mut tally = Tally::default();
    let mut sources = Sources::default();
    let mut left_out = Vec::new();
    let mut files = 0;
    let mut unpacked = Unpacked::new(tree);
    for unit in &found.units {
        let mut failed = None;
        let problems = unit.read(&work.limits, &mut |member| {
            if failed.is_some() {
                return;
            }
            let was = below(paths, unit, &member.name);
            let made = write_copy(&redactor, member.reader, &mut tally);
            match made {
                Ok(Ok(mut content)) => {
                    match unpacked.add(&was, &redactor.source(&was), member.modified, &mut content) {
                        Ok(name) => {
                            files += 1;
                            sources.renamed.insert(member.name, name);
                        }
                        Err(error) => failed = Some(error),
                    }
                }
                Ok(Err(why)) => {
                    sources.left_out.insert(member.name.clone());
                    left_out.push((member.name, why));
                }
                Err(error) => failed = Some(error),
            }
        });
        if let Some(error) = failed {
            return Err(write(error).into());
        }
        unpacked.end(problems.iter().any(|it| it.incomplete)).map_err(write)?;
        // Of what could not even be opened there is no copy.
        for problem in problems.into_iter().chain(found.problems.iter().cloned()).filter(|it| it.incomplete) {
            if !sources.renamed.contains_key(&problem.source) && sources.left_out.insert(problem.source.clone()) {
                left_out.push((problem.source, problem.problem));
            }
        }
    }
    Ok(Redacted { redactor, tally, sources, left_out, files })
}

/// The copy of one source; the inner error says why there is none.
fn write_copy(redactor: &Redactor, reader: &mut dyn io::Read, tally: &mut Tally) -> io::Result<Result<File, String>> {
    let mut file = io::BufWriter::new(tempfile::tempfile()?);
    let mut own = Tally::default();
    let mut failed = None;
    let read = stretches(reader, &mut |encoding: Encoding, text| {
        let written = file.write_all(&encoding.encode(&redactor.text(text, &mut own)));
        written.inspect_err(|error| failed = Some(io::Error::from(error.kind())))
    });
    if let Some(error) = failed {
        return Err(error);
    }
    if let Err(why) = read {
        return Ok(Err(why.to_string()));
    }
    tally.join(&own);
    file.into_inner().map_err(io::IntoInnerError::into_error).map(Ok)
}

/// The name of a source below what was named: the folder or file itself keeps its own name only beside others.
fn below(paths: &[PathBuf], unit: &Unit, source: &str) -> String {
    let whole = unit.name();
    let rest = source.strip_prefix(whole).unwrap_or_default();
    let named = paths.iter().filter_map(|path| {
        let root = path.display().to_string();
        let root = root.trim_end_matches('/');
        let inner = whole.strip_prefix(root)?;
        let last = Path::new(root).file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
        if inner.is_empty() {
            return Some(last);
        }
        let inner = inner.strip_prefix('/')?;
        Some(if paths.len() > 1 && !last.is_empty() { format!("{last}/{inner}") } else { inner.to_owned() })
    });
    let named = named.min_by_key(String::len).unwrap_or_else(|| whole.to_owned());
    format!("{}{rest}", named.replace('!', "_"))
}

impl Redacted {
    /// What was done, in lines.
    fn tell(&self) -> Vec<Said> {
        let files = self.files;
        let list = |counts: Vec<(String, u64)>| {
            counts.into_iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
        };
        let names = list(self.redactor.counts().into_iter().map(|(what, it)| (what.to_owned(), it as u64)).collect());
        let places: u64 = self.tally.replaced.values().sum();
        let secrets = self.tally.secrets;
        let mut lines = vec![
            say!(en: "{files} files copied; {places} places replaced, {secrets} secrets blotted out",
                 fr: "{files} fichiers copiés ; {places} endroits remplacés, {secrets} secrets masqués"),
            say!(en: "pseudonyms: {names}", fr: "pseudonymes : {names}"),
        ];
        for (name, why) in &self.left_out {
            lines.push(say!(en: "left out: {name}: {why}", fr: "laissé de côté : {name} : {why}"));
        }
        for (name, count) in &self.tally.left {
            lines.push(say!(
                en: "not replaced everywhere: `{name}` is a name and an ordinary word; {count} words that may be no name were left. --also '{name}' replaces them too, --keep '{name}' leaves the name as well",
                fr: "pas remplacé partout : « {name} » est un nom et un mot ordinaire ; {count} mots qui ne sont peut-être pas un nom sont restés. --also '{name}' les remplace aussi, --keep '{name}' laisse aussi le nom",
            ));
        }
        lines
    }
}

/// What `--verify` found.
pub(crate) struct Proof {
    compared: u64,
    differences: Vec<Difference>,
    searched: u64,
    left: BTreeMap<String, u64>,
}

impl Proof {
    fn holds(&self) -> bool {
        self.differences.is_empty() && self.left.is_empty()
    }

    fn tell(&self) -> Vec<Said> {
        const SHOWN: usize = 10;
        let (compared, searched) = (self.compared, self.searched);
        let different = self.differences.len();
        let left = self.left.len();
        let mut lines = vec![
            say!(en: "verify: {compared} values of the diagnosis compared, {different} differ",
                 fr: "vérification : {compared} valeurs du diagnostic comparées, {different} diffèrent"),
            say!(en: "verify: {searched} files and their names searched, {left} originals found",
                 fr: "vérification : {searched} fichiers et leurs noms fouillés, {left} originaux trouvés"),
        ];
        for difference in self.differences.iter().take(SHOWN) {
            let Difference { at, before, after } = difference;
            lines.push(say!(en: "  {at}: {before} / {after}", fr: "  {at} : {before} / {after}"));
        }
        for (name, count) in self.left.iter().take(SHOWN) {
            lines.push(say!(en: "  found {count} times: {name}", fr: "  trouvé {count} fois : {name}"));
        }
        lines
    }
}

/// Diagnoses input and copy, compares, and searches the copy.
fn prove(
    paths: &[PathBuf],
    output: &Path,
    knowledge: &Knowledge,
    work: &Work,
    redacted: &Redacted,
) -> Result<Proof, Failure> {
    let report = |paths: &[PathBuf]| -> Result<String, Failure> {
        let diagnosis = esxray::diagnosis::diagnose(paths, knowledge, &work.options())?;
        Ok(Output::Json.render(&diagnosis, &esxray::TextOptions::default()))
    };
    let copies = [output.to_owned()];
    let mark = if is_archive(output) { '!' } else { '/' };
    let root = output.display().to_string();
    let root = root.trim_end_matches('/');
    let mut sources = redacted.sources.clone();
    for name in sources.renamed.values_mut() {
        *name = format!("{root}{mark}{name}");
    }
    let (compared, differences) = compare(&report(paths)?, &report(&copies)?, &redacted.redactor, &sources)
        .map_err(|error| Failure::Compare { why: error.to_string() })?;
    let mut left = BTreeMap::new();
    let mut searched = 0;
    for unit in &plan(&copies, &work.limits)?.units {
        unit.read(&work.limits, &mut |member| {
            searched += 1;
            let name = member.name.strip_prefix(root).unwrap_or(&member.name).to_owned();
            redacted.redactor.search(name.as_bytes(), &mut left);
            let _ = stretches(member.reader, &mut |_, text| {
                redacted.redactor.search(text, &mut left);
                Ok(())
            });
        });
    }
    Ok(Proof { compared, differences, searched, left })
}

/// Where a copy is to go.
pub(crate) struct Place {
    path: PathBuf,
    force: bool,
}

impl Place {
    /// Checks that nothing is lost by writing there.
    pub(crate) fn check(path: &Path, force: bool, inputs: &[PathBuf]) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let real = parent.canonicalize().map_err(|source| OutputError::Write { path: name.clone(), source })?;
        let inside =
            |input: &PathBuf| input.is_dir() && input.canonicalize().is_ok_and(|input| real.starts_with(input));
        let same = |input: &PathBuf| input.canonicalize().ok() == path.canonicalize().ok() && path.exists();
        if inputs.iter().any(|input| inside(input) || same(input)) {
            return Err(OutputError::IsInput { path: name }.into());
        }
        match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() && !is_archive(path) => {
                let mut entries =
                    fs::read_dir(path).map_err(|source| OutputError::Write { path: name.clone(), source })?;
                if entries.next().is_some() {
                    return Err(Failure::NotEmpty { path: name });
                }
            }
            Ok(found) if !found.is_file() => {
                return Err(OutputError::NotAFile { path: name, found: "folder or link" }.into());
            }
            Ok(_) if !force || !is_archive(path) => return Err(OutputError::Exists { path: name }.into()),
            _ => {}
        }
        Ok(Self { path: path.to_owned(), force })
    }

    /// Fills it; nothing is there before all of it is.
    pub(crate) fn fill<T>(self, fill: impl FnOnce(&mut Tree) -> Result<T, Failure>) -> Result<T, Failure> {
        let name = self.path.display().to_string();
        let write = |source| Failure::from(OutputError::Write { path: name.clone(), source });
        let parent = self.path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".esxray-").suffix(".unfinished");
        if is_archive(&self.path) {
            let made = interrupt::unfinished(|| builder.tempfile_in(parent), NamedTempFile::path).map_err(write)?;
            let mut tree = Tree::Archive(Box::new(Tar::new(made.reopen().map_err(write)?, true)));
            let done = fill(&mut tree)?;
            if let Tree::Archive(tar) = tree {
                tar.finish(false).and_then(|file| file.sync_all()).map_err(write)?;
            }
            let force = self.force;
            interrupt::finished(|| {
                let named = if force { made.persist(&self.path) } else { made.persist_noclobber(&self.path) };
                named.map(drop).map_err(|error| error.error)
            })
            .map_err(write)?;
            return Ok(done);
        }
        let made = interrupt::unfinished(|| builder.tempdir_in(parent), |it| it.path()).map_err(write)?;
        let done = fill(&mut Tree::Folder(made.path().to_owned()))?;
        interrupt::finished(|| {
            let _ = fs::remove_dir(&self.path);
            fs::rename(made.path(), &self.path)
        })
        .map_err(write)?;
        // It has another name now, and is not to be removed.
        let _ = made.keep();
        Ok(done)
    }
}

/// Checks where the map is to go.
pub(crate) fn map_file(
    map: Option<&Path>,
    force: bool,
    inputs: &[PathBuf],
    output: Option<&Path>,
) -> Result<Option<PathBuf>, Failure> {
    let Some(path) = map else { return Ok(None) };
    let name = path.display().to_string();
    if output.is_some_and(|output| path.starts_with(output)) {
        return Err(Failure::MapInside { path: name });
    }
    let target = crate::args::Target { output: Some(path.to_owned()), force };
    Destination::check(&target, inputs)?;
    Ok(Some(path.to_owned()))
}

/// Writes the map, for its owner alone.
pub(crate) fn write_map(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let write = |source| OutputError::Write { path: path.display().to_string(), source };
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file is readable by its owner alone, and stays so under its new name.
    let mut file = NamedTempFile::new_in(parent).map_err(write)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(write)?;
    let named = if force { file.persist(path) } else { file.persist_noclobber(path) };
    named.map(drop).map_err(|error| write(error.error).into())
}
