//! What holds for the page of any diagnosis, whatever stands in its texts: its elements and attributes are ours, every
//! link leads somewhere, and nothing of it comes from elsewhere.

use std::collections::BTreeSet;

use esxray_diagnosis::Diagnosis;
use esxray_model::Lang;
use esxray_report::{Output, TextOptions};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::cases;
use crate::cases::texts::{each_command, each_text};

fn page(diagnosis: &Diagnosis, lang: Lang) -> String {
    Output::Html.render(diagnosis, &TextOptions { lang, ..TextOptions::default() })
}

/// What the page is made of, once its one style and its one script are taken out.
#[derive(Default)]
struct Page {
    elements: BTreeSet<String>,
    attributes: BTreeSet<String>,
    ids: BTreeSet<String>,
    links: BTreeSet<String>,
    text: String,
}

fn without(page: &str, tag: &str) -> String {
    let (before, rest) = page.split_once(&format!("<{tag}>")).expect("it is there");
    let (_, after) = rest.split_once(&format!("</{tag}>")).expect("it ends");
    assert!(!after.contains(&format!("<{tag}")), "there is another {tag}");
    format!("{before}{after}")
}

/// Takes it apart with the strict rules of XML: whatever is no text would be an error, or an element more.
fn parse(page: &str) -> Page {
    let page = without(&without(page, "style"), "script");
    let page = page.strip_prefix("<!DOCTYPE html>\n").expect("it says what it is");
    let mut reader = Reader::from_str(page);
    let mut found = Page::default();
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error} at {}", reader.buffer_position()));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                found.elements.insert(tag.name().as_ref().to_owned());
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.as_ref().to_owned();
                    let value = attribute.value.to_string();
                    match name.as_str() {
                        "id" => assert!(found.ids.insert(value.clone()), "`{value}` is there twice"),
                        "href" => {
                            found.links.insert(value);
                        }
                        _ => {}
                    }
                    found.attributes.insert(name);
                }
            }
            Event::Text(text) => found.text.push_str(&text),
            Event::GeneralRef(name) => found.text.extend(["&", &*name, ";"]),
            Event::End(_) => {}
            Event::Eof => return found,
            other => panic!("the page holds {other:?}"),
        }
    }
}

const ELEMENTS: &[&str] = &[
    "a",
    "article",
    "bdi",
    "body",
    "button",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "g",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "input",
    "kbd",
    "label",
    "legend",
    "li",
    "main",
    "mark",
    "meta",
    "nav",
    "ol",
    "p",
    "path",
    "pre",
    "rect",
    "section",
    "small",
    "span",
    "strong",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
];

const ATTRIBUTES: &[&str] = &[
    "aria-hidden",
    "aria-label",
    "aria-live",
    "charset",
    "checked",
    "class",
    "content",
    "d",
    "data-a",
    "data-act",
    "data-b",
    "data-c",
    "data-done",
    "data-first",
    "data-height",
    "data-i",
    "data-lane",
    "data-lang",
    "data-n",
    "data-range",
    "data-t",
    "data-tone",
    "data-what",
    "data-y",
    "datetime",
    "dir",
    "height",
    "hidden",
    "href",
    "http-equiv",
    "id",
    "lang",
    "name",
    "open",
    "placeholder",
    "rel",
    "role",
    "rx",
    "scope",
    "tabindex",
    "text-anchor",
    "title",
    "transform",
    "type",
    "value",
    "viewBox",
    "width",
    "x",
    "y",
];

#[track_caller]
fn check(page: &str, what: &str) -> Page {
    let found = parse(page);
    let known = |names: &[&str], found: &BTreeSet<String>| {
        found.iter().filter(|name| !names.contains(&name.as_str())).cloned().collect::<Vec<_>>()
    };
    assert_eq!(known(ELEMENTS, &found.elements), Vec::<String>::new(), "{what}: elements that are not ours");
    assert_eq!(known(ATTRIBUTES, &found.attributes), Vec::<String>::new(), "{what}: attributes that are not ours");
    for link in &found.links {
        match link.strip_prefix('#') {
            Some(anchor) => assert!(found.ids.contains(anchor), "{what}: nothing at {link}"),
            None => assert!(link.starts_with("https://"), "{what}: a link to {link}"),
        }
    }
    found
}

#[test]
fn every_page_is_made_of_what_is_ours() {
    for (name, case) in cases::all() {
        for lang in Lang::ALL {
            let page = page(&case, *lang);
            check(&page, name);
            assert!(page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; "));
            for remote in ["src=", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket", "innerHTML", "eval("] {
                assert!(!page.contains(remote), "{name} holds {remote}");
            }
        }
    }
}

#[test]
fn hostile_texts_stay_texts() {
    let texts = [
        "<script>alert(1)</script>",
        "</title></style></script><img src=x onerror=alert(1)>",
        "\"><svg/onload=alert(1)>",
        "' onmouseover='alert(1)",
        "javascript:alert(1)",
        "https://evil.example/\" onclick=\"alert(1)",
        "&lt;b&gt;&#x3c;script&#x3e;",
        "]]><!--<b>--><?php ?>",
        "\u{202e}gpj.exe\u{2066}\u{200b}\u{0}\u{1b}[2J",
    ];
    for (name, case) in cases::all() {
        for hostile in texts {
            let mut case = case.clone();
            // Ids of incidents are ours; an anchor that is made from them leads to its place.
            let ids: Vec<String> = case.incidents.iter().map(|one| one.id.clone()).collect();
            each_text(&mut case, &mut |text| hostile.clone_into(text));
            each_command(&mut case, &mut |text| hostile.clone_into(text));
            case.incidents.iter_mut().zip(ids).for_each(|(one, id)| one.id = id);
            for root in &mut case.root_causes {
                root.incidents.clear();
            }
            let found = check(&page(&case, Lang::En), &format!("{name} with {hostile}"));
            for c in ['\u{202e}', '\u{200b}', '\u{0}', '\u{1b}'] {
                assert!(!found.text.contains(c), "{name}: U+{:04X} stands in the page", u32::from(c));
            }
        }
    }
}

#[test]
fn it_says_everything_in_the_language_that_was_asked_for() {
    let [en, fr] = [Lang::En, Lang::Fr].map(|lang| page(&cases::several(), lang));
    assert!(en.contains("<html lang=\"en\"") && fr.contains("<html lang=\"fr\""));
    for (english, french) in [("Do first", "À faire d’abord"), ("Evidence", "Preuves"), ("Timeline", "Chronologie")]
    {
        assert!(en.contains(english) && fr.contains(french), "{english}, {french}");
    }
    for english in [">Do first", ">Evidence<", ">Timeline<", ">The five steps<", ">Keys, object by object<"] {
        assert!(!fr.contains(english), "{english} stands in the French page");
    }
}
