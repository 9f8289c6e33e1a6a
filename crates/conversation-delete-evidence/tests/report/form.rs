//! That the page is valid, self-contained and accessible, in every language.

use conversation_delete_evidence::Language;
use conversation_delete_evidence::report::render;

use crate::dom::{self, Page};
use crate::sample::with_everything;
use crate::{all, page};

#[test]
fn the_page_is_valid_in_every_language() {
    for language in Language::ALL {
        let sample = with_everything(1_204);
        let page = Page::parse(&render(&sample.about, &sample.digest, language));
        assert_eq!(page.errors(), [""; 0], "{language:?}");
        assert_eq!(page.attributes("html", "lang"), [language.as_str()]);
        assert_eq!(page.ids_that_occur_twice(), [""; 0]);
        let text = page.text();
        assert!(!text.contains(['{', '}']), "a placeholder was left: {language:?}");
    }
}

#[test]
fn nothing_runs_and_nothing_is_loaded() {
    let sample = with_everything(1_204);
    let html = render(&sample.about, &sample.digest, Language::En);
    let page = Page::parse(&html);
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    assert!(page.attributes("meta", "content").contains(&policy.to_owned()));
    for element in
        ["script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "audio", "use", "image"]
    {
        assert_eq!(page.count(element), 0, "{element}");
    }
    for (name, value) in page.all_attributes() {
        assert!(!name.starts_with("on") && name != "src" && name != "style", "{name}");
        assert!(name != "href" || value.starts_with('#'), "{value}");
    }
    let style = page.texts("style", "").concat();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn a_screen_reader_finds_its_way() {
    let page = page(&with_everything(1_204));
    for (element, count) in [("h1", 1), ("main", 1), ("header", 1), ("footer", 1), ("nav", 1)] {
        assert_eq!(page.count(element), count, "{element}");
    }
    assert_eq!(page.count("table"), page.count("caption"));
    assert_eq!(page.attributes("th", "scope").len(), page.count("th"));
    assert!(page.attributes("th", "scope").iter().all(|scope| scope == "col" || scope == "row"));
    for labels in page.attributes("svg", "aria-labelledby").iter().chain(&page.attributes("section", "aria-labelledby"))
    {
        assert!(labels.split(' ').all(|id| page.has_id(id)), "{labels}");
    }
    let hidden = page.attributes("svg", "aria-hidden").len();
    assert_eq!(page.count("desc") + hidden, page.count("svg"));
    for anchor in page.attributes("a", "href") {
        assert!(page.has_id(&anchor[1..]), "{anchor}");
    }
}

#[test]
fn colours_contrast_as_wcag_aa_asks() {
    let style = page(&all("deleted", 1)).texts("style", "").concat();
    let (light, dark) = style.split_once("@media").unwrap();
    for theme in [light, dark.split_once("* {").unwrap().0] {
        let background = dom::colour(theme, "page");
        for text in ["text", "quiet", "link", "good", "doubt", "bad"] {
            assert!(dom::contrast(background, dom::colour(theme, text)) >= 4.5, "{text}");
        }
        let shapes = [
            "deleted",
            "gone",
            "acknowledged",
            "unresolved",
            "not-found",
            "failed",
            "still-present",
            "held",
            "not-attempted",
        ];
        for shape in shapes {
            assert!(dom::contrast(background, dom::colour(theme, shape)) >= 3.0, "{shape}");
        }
    }
}
