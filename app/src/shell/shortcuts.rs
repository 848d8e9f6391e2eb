use super::{keys, tools::Tools};
use crate::{
    prelude::*,
    ui::{Checkbox, Dialog, Kbd},
    wire::lazy_piece,
};

/// All shortcuts, and whether single keys are any.
#[derive(Clone, Debug)]
pub(super) struct Shortcuts {
    /// What is open.
    pub(super) tools: Tools,
}

lazy_piece!(tools: Shortcuts);

/// A heading, and keys with what they do.
type Group = (&'static str, &'static [(&'static str, &'static str)]);

const GROUPS: &[Group] = &[
    (
        "Everywhere",
        &[
            ("Ctrl K", "Search, go to, create"),
            ("/", "Search this page"),
            ("n", "Create, or the page's main action"),
            ("?", "Show these shortcuts"),
            ("Esc", "Close what is open"),
        ],
    ),
    (
        "In a table",
        &[
            ("j", "Next row"),
            ("k", "Row before"),
            ("x", "Select the row"),
            ("Shift click", "Select up to this row"),
            ("Space", "Peek at the row"),
            ("↵", "Open the row"),
        ],
    ),
];

impl Shortcuts {
    fn show(self) -> AnyView {
        let choose = |event: web_sys::Event| keys::use_single_keys(event_target_checked(&event));
        let pages = keys::pages().map(|(keys, page)| line(keys, page)).collect_view();
        let groups = GROUPS.iter().map(|(title, lines)| {
            let lines = lines.iter().map(|(keys, words)| line((*keys).to_owned(), words)).collect_view();
            group(title, lines.into_any())
        });
        view! {
            <Dialog id="shortcuts" title="Keyboard shortcuts" open=self.tools.shortcuts>
                <div class="shortcuts">{groups.collect_view()} {group("Go to", pages.into_any())}</div>
                <div class="dialog__foot shortcuts__foot">
                    <Checkbox
                        name="single-keys"
                        label="Single keys do something"
                        hint="Switch them off if you dictate, or press keys by accident. Ctrl K always works."
                        checked=keys::single_keys()
                        on:change=choose
                    />
                </div>
            </Dialog>
        }
    }
}

fn group(title: &'static str, lines: AnyView) -> AnyView {
    view! {
        <section>
            <h2>{title}</h2>
            <ul>{lines}</ul>
        </section>
    }
}

fn line(keys: String, words: &'static str) -> AnyView {
    view! { <li><span>{words}</span> <span class="shortcuts__keys"><Kbd keys/></span></li> }
}
