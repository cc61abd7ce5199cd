//! The page in a real browser, where there is one: `chromium`, without a window, driven over its own protocol.
//!
//! No crate for that: the protocol is JSON, each message ended by a zero byte, over a pipe.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]
#![expect(clippy::disallowed_methods, reason = "the test writes pages and reads what the generator wrote")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A browser with one tab.
struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: String,
    sent: u64,
    /// What it told that was no answer.
    told: Vec<Value>,
    folder: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its children end with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The browser's command; `None`, said aloud, where there is none.
fn chromium() -> Option<&'static str> {
    let works = |name: &&str| {
        let run = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(works);
    if found.is_none() {
        eprintln!("SKIPPED: there is no chromium, so the page was not looked at in a browser");
    }
    found
}

impl Browser {
    fn start() -> Option<Self> {
        let name = chromium()?;
        let folder = tempfile::tempdir().unwrap();
        // It reads from descriptor 3 and writes to 4, and only a shell can hand it those without unsafe code.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null", "sh", name])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
            .args(["--disable-background-networking", "--disable-component-update", "--remote-debugging-pipe"])
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self { child, to, from, session: String::new(), sent: 0, told: Vec::new(), folder };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &attach);
        session["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for room in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{room}.enable"), &json!({}));
        }
        Some(browser)
    }

    fn call(&mut self, method: &str, params: &Value) -> Value {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": params });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == json!(self.sent) {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.told.push(answer);
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert_eq!(bytes.pop(), Some(0), "the browser ended");
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Opens a page as wide as that, and waits until it is loaded.
    fn open(&mut self, page: &str, width: u32) {
        let file = self.folder.path().join("page.html");
        std::fs::write(&file, page).unwrap();
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        self.told.clear();
        self.call("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        while !self.told.iter().any(|it| it["method"] == "Page.loadEventFired") {
            let told = self.read();
            self.told.push(told);
        }
    }

    /// The value of an expression in the page.
    #[track_caller]
    fn js(&mut self, expression: &str) -> Value {
        let ask = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &ask);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    fn key(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" && key.len() == 1 { key } else { "" };
            self.call("Input.dispatchKeyEvent", &json!({ "type": kind, "key": key, "text": text }));
        }
    }

    /// Errors on the console, and requests for anything but the page itself.
    fn complaints(&self) -> Vec<String> {
        let is_complaint = |it: &&Value| match it["method"].as_str().unwrap_or_default() {
            "Log.entryAdded"
            | "Runtime.exceptionThrown"
            | "Runtime.consoleAPICalled"
            | "Page.javascriptDialogOpening" => true,
            "Network.requestWillBeSent" => it["params"]["type"] != "Document",
            _ => false,
        };
        self.told.iter().filter(is_complaint).map(ToString::to_string).collect()
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name).join("input")
}

fn page(input: &Path, flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_esxray"))
        .args(["diagnose", "--format", "html", "--lang", "en"])
        .args(flags)
        .arg(input)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What sticks out of the page to the right, of all that does not scroll by itself.
const STICKING_OUT: &str = "(() => { const wide = document.documentElement.clientWidth; \
    if (document.documentElement.scrollWidth <= wide) return []; \
    return [...document.body.querySelectorAll('*')].filter((it) => it.getBoundingClientRect().right > wide + 1 \
    && !it.closest('.scroll, .chart')).map((it) => it.localName + '.' + it.className).slice(0, 5); })()";

#[test]
fn every_case_loads_without_a_word_and_fits() {
    let Some(mut browser) = Browser::start() else { return };
    let mut cases: Vec<PathBuf> = std::fs::read_dir(fixture("").parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path().join("input"))
        .filter(|path| path.exists())
        .collect();
    cases.sort();
    assert!(cases.len() > 6, "{cases:?}");
    for case in cases {
        for lang in ["en", "fr"] {
            let page = page(&case, &["--lang", lang]);
            for width in [1280, 400] {
                browser.open(&page, width);
                let what = format!("{} in {lang} at {width}", case.display());
                assert_eq!(browser.complaints(), Vec::<String>::new(), "{what}");
                assert_eq!(browser.js(STICKING_OUT), json!([]), "{what}");
                assert_eq!(browser.js("document.documentElement.scrollWidth"), json!(width), "{what}");
                browser.js("document.querySelectorAll('details').forEach((it) => { it.open = true; })");
                assert_eq!(browser.js(STICKING_OUT), json!([]), "{what}, unfolded");
            }
        }
    }
}

/// How many marks are drawn.
const DRAWN: &str = "document.querySelectorAll('.picture .lane:not(.folded) .m:not(.folded)').length";

#[test]
fn the_picture_reacts() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page(&fixture("ha-reset-mid-rekey"), &[]), 1280);
    let all = browser.js(DRAWN).as_u64().unwrap();
    assert!(all > 4, "{all} marks");
    let events = "document.querySelectorAll('.events tbody tr:not([hidden])').length";
    let rows = browser.js(events).as_u64().unwrap();

    // Nearer: marks that were one are parted, and others go out of view.
    let ticks = "[...document.querySelectorAll('.when')].map((it) => it.textContent).join()";
    let before = browser.js(ticks);
    browser.js("document.querySelector('[data-act=in]').click()");
    assert_ne!(browser.js(ticks), before, "the scale changes with the zoom");
    browser.js("document.querySelector('[data-act=all]').click()");
    assert_eq!(browser.js(ticks), before);

    // Filters: a lane, a tone, a word; the table follows.
    browser.js("document.querySelector('input[value=keys]').click()");
    assert!(browser.js("document.querySelector('.lane[data-lane=keys]').classList.contains('folded')") == json!(true));
    assert!(browser.js(events).as_u64().unwrap() < rows);
    browser.js("document.querySelector('input[value=keys]').click()");
    let find = |word: &str| {
        format!(
            "(() => {{ const it = document.querySelector('.find input'); it.value = '{word}'; \
             it.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()"
        )
    };
    browser.js(&find("heartbeat"));
    let found = browser.js(events).as_u64().unwrap();
    assert!(found > 0 && found < rows, "{found} of {rows} rows");
    browser.js(&find(""));
    assert_eq!(browser.js(events), json!(rows));

    // Without a mouse: into the picture, from mark to mark, to the record.
    browser.js("document.querySelector('.picture .m[tabindex=\"0\"]').focus()");
    let tip = "document.querySelector('.tip').hidden ? '' : document.querySelector('.tip').textContent";
    let first = browser.js(tip);
    assert_ne!(first, json!(""), "a mark with the focus says what it is");
    browser.key("ArrowRight");
    assert_ne!(browser.js(tip), first, "the next mark has the focus");
    assert_ne!(browser.js("document.activeElement.getAttribute('aria-label')"), json!(null));
    browser.key("+");
    assert_ne!(browser.js(ticks), before, "a key zooms");
    browser.key("0");
    // What an incident cites leads to its record, the incident itself to its place on the page.
    browser.js("document.querySelector('.lane[data-lane=incidents] .m').focus()");
    browser.key("Enter");
    let hash = browser.js("location.hash");
    assert!(hash.as_str().unwrap().starts_with("#i1"), "{hash}");

    // With one: hovering tells, dragging moves.
    browser.js("document.activeElement.blur()");
    let place = browser.js(
        "(() => { const it = document.querySelector('.picture .m:not(.folded)'); it.scrollIntoView({ block: 'center' }); \
         const at = it.getBoundingClientRect(); return [at.x + at.width / 2, at.y + at.height / 2]; })()",
    );
    browser.call("Input.dispatchMouseEvent", &json!({ "type": "mouseMoved", "x": place[0], "y": place[1] }));
    assert_ne!(browser.js(tip), json!(""), "a mark under the mouse says what it is");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_command_is_copied_and_a_link_unfolds() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page(&fixture("ha-reset-mid-rekey"), &[]), 1280);
    // What is copied is kept by the page, because there is no clipboard without a window.
    browser.js("navigator.clipboard.writeText = async (text) => { window.copied = text; }");
    browser.js("document.querySelector('.remedy[open] .copy').click()");
    let command = browser.js("document.querySelector('.remedy[open] code').textContent");
    assert_eq!(browser.js("window.copied"), command);
    assert!(command.as_str().unwrap().starts_with("vim-cmd "), "{command}");
    browser.js("document.querySelector('.events').open = false; location.hash = 't0'");
    browser.js("new Promise((done) => setTimeout(done, 50))");
    assert_eq!(browser.js("document.querySelector('.events').open"), json!(true));
}

#[test]
fn it_is_whole_without_a_script() {
    let Some(mut browser) = Browser::start() else { return };
    browser.call("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    browser.open(&page(&fixture("ha-reset-mid-rekey"), &[]), 1280);
    // The protocol may ask questions where the page may not run anything.
    assert_eq!(browser.js("document.querySelector('.controls').hidden"), json!(true));
    assert_eq!(browser.js("document.querySelectorAll('.copy:not([hidden])').length"), json!(0));
    assert!(browser.js(DRAWN).as_u64().unwrap() > 4, "the picture is there");
    assert!(browser.js("document.querySelector('.picture').getBoundingClientRect().height").as_f64().unwrap() > 100.0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn the_switch_and_the_system_decide_on_light_or_dark() {
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page(&fixture("pasted"), &[]), 1280);
    let paper = "getComputedStyle(document.body).backgroundColor";
    let light = browser.js(paper);
    let prefer = |scheme: &str| json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    browser.call("Emulation.setEmulatedMedia", &prefer("dark"));
    let dark = browser.js(paper);
    assert_ne!(light, dark);
    browser.js("document.querySelector('#scheme-light').click()");
    assert_eq!(browser.js(paper), light);
    browser.call("Emulation.setEmulatedMedia", &prefer("light"));
    browser.js("document.querySelector('#scheme-dark').click()");
    assert_eq!(browser.js(paper), dark);
}

#[test]
fn hostile_names_stay_text() {
    const CASES: &str = "i01,i02,i03,i04,i05,i06,i07,i08,d22,f10";
    let Some(mut browser) = Browser::start() else { return };
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/attack/gen_attack.py");
    let folder = tempfile::tempdir().unwrap();
    let made = Command::new("python3").arg(&generator).arg(folder.path()).args(["--only", CASES]).output();
    if !generator.exists() || !made.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: there is no ../shared/attack beside the project, or no python3");
        return;
    }
    let manifest = std::fs::read_to_string(folder.path().join("MANIFEST.tsv")).unwrap();
    let mut seen = 0;
    for row in manifest.lines().skip(1) {
        let page = page(&folder.path().join(row.split('\t').nth(1).unwrap()), &[]);
        assert!(page.starts_with("<!DOCTYPE html>"), "{row}");
        browser.open(&page, 1280);
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{row}");
        let scripts =
            browser.js("document.scripts.length + document.querySelectorAll('img, iframe, object, embed').length");
        assert_eq!(scripts, json!(1), "{row}");
        let handlers = "[...document.querySelectorAll('*')].flatMap((it) => it.getAttributeNames())\
            .filter((name) => name.startsWith('on')).length";
        assert_eq!(browser.js(handlers), json!(0), "{row}");
        assert_eq!(browser.js(STICKING_OUT), json!([]), "{row}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen} hostile inputs");
}

#[test]
fn a_history_is_a_page_too() {
    let Some(mut browser) = Browser::start() else { return };
    let output = Command::new(env!("CARGO_BIN_EXE_esxray"))
        .args(["timeline", "--format", "html", "--lang", "en"])
        .arg(fixture("ha-reset-mid-rekey"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    for width in [1280, 400] {
        browser.open(&page, width);
        assert_eq!(browser.complaints(), Vec::<String>::new());
        assert_eq!(browser.js(STICKING_OUT), json!([]));
        assert!(browser.js(DRAWN).as_u64().unwrap() > 20);
    }
}

#[test]
fn a_record_stands_between_its_lines_and_only_there() {
    // No browser is needed for that, but the page is made here.
    let html = page(&fixture("ha-reset-mid-rekey"), &[]);
    let log = std::fs::read_to_string(fixture("ha-reset-mid-rekey").join("TEST-VM-2/vmware-1.log")).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let at = lines.iter().position(|line| line.contains("Tools heartbeat timeout")).unwrap();
    for number in [at - 2, at - 1, at + 1, at + 2] {
        let text = lines[number].replace('&', "&amp;").replace('\'', "&#39;").replace('"', "&quot;");
        let text = text.replace('<', "&lt;").replace('>', "&gt;");
        let shown = format!("<span class=\"l near\" data-n=\"{}\">{text}</span>", number + 1);
        assert!(html.contains(&shown), "{shown}");
    }
    let mut piped = Command::new(env!("CARGO_BIN_EXE_esxray"));
    let mut piped =
        piped.args(["diagnose", "--format", "html", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    piped.stdin.take().unwrap().write_all(log.as_bytes()).unwrap();
    let html = String::from_utf8(piped.wait_with_output().unwrap().stdout).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && !html.contains("l near"), "a pipe is read once");
}
