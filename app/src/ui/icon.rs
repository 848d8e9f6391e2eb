use crate::prelude::*;

/// Names the icons once, so that a typing mistake is a compile error and not an empty square.
macro_rules! glyphs {
    ($($variant:ident => $name:literal,)*) => {
        /// An icon of the sprite `public/icons.svg`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is named after its picture")]
        pub enum Glyph { $($variant,)* }

        impl Glyph {
            /// Every icon there is; the gallery shows them and a test looks them up.
            pub const ALL: &[Glyph] = &[$(Glyph::$variant,)*];

            /// The id of the icon's symbol in the sprite.
            pub const fn id(self) -> &'static str {
                match self { $(Glyph::$variant => $name,)* }
            }
        }
    };
}

glyphs! {
    Activity => "activity",
    Alert => "triangle-alert",
    ArrowDown => "arrow-down",
    ArrowRight => "arrow-right",
    ArrowUp => "arrow-up",
    Ban => "ban",
    Book => "book-open",
    Boxes => "boxes",
    Building => "building-2",
    Check => "check",
    ChevronDown => "chevron-down",
    ChevronLeft => "chevron-left",
    ChevronRight => "chevron-right",
    ChevronsUpDown => "chevrons-up-down",
    CircleAlert => "circle-alert",
    CircleCheck => "circle-check",
    Columns => "columns-3",
    Copy => "copy",
    Dashboard => "layout-dashboard",
    Download => "download",
    Ellipsis => "ellipsis",
    ExternalLink => "external-link",
    Filter => "list-filter",
    Gauge => "gauge",
    Help => "circle-question-mark",
    History => "history",
    Inbox => "inbox",
    Info => "info",
    Key => "key-round",
    Keyboard => "keyboard",
    ListChecks => "list-checks",
    Lock => "lock",
    LogOut => "log-out",
    Menu => "menu",
    Minus => "minus",
    Monitor => "monitor",
    Moon => "moon",
    Pause => "circle-pause",
    Pencil => "pencil",
    Play => "circle-play",
    Plug => "plug",
    Plus => "plus",
    Refresh => "refresh-cw",
    Search => "search",
    SearchX => "search-x",
    Sliders => "sliders-horizontal",
    Sun => "sun",
    Terminal => "square-terminal",
    Trash => "trash-2",
    Undo => "undo-2",
    User => "user-round",
    Wallet => "wallet",
    X => "x",
}

/// An icon at the size of the text beside it. It is decoration: whoever uses it says in words
/// what it stands for.
#[component]
pub fn Icon(
    /// Which icon.
    name: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("/icons.svg#{}", name.id())></use>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::Glyph;

    #[test]
    fn sprite_holds_exactly_the_icons_in_use() {
        let sprite = include_str!("../../../public/icons.svg");
        for glyph in Glyph::ALL {
            assert!(sprite.contains(&format!("id=\"{}\"", glyph.id())), "{glyph:?} is missing");
        }
        assert_eq!(sprite.matches("<symbol").count(), Glyph::ALL.len());
    }
}
