//! The components that every page is made of. One file a component, with a stylesheet of the
//! same name in `style/components/`; `/_gallery` of a debug build shows each in all its states.

mod avatar;
mod badge;
mod button;
mod card;
mod chart;
mod choice;
mod code;
mod copy;
mod dialog;
mod each;
mod empty;
mod field;
mod filters;
pub mod format;
mod help;
mod icon;
mod input;
mod kv;
mod live;
mod logo;
mod menu;
mod meter;
mod note;
mod page_head;
pub mod query;
mod rank;
mod secret;
mod skeleton;
mod table;
mod tabs;
mod tile;
mod time;
mod toast;
mod tone;

pub use self::{
    avatar::{Avatar, Person},
    badge::{Badge, EnvironmentBadge},
    button::{Button, ButtonKind, ButtonLink, IconButton, IconLink, Size},
    card::{Card, CardAside},
    chart::{Chart, ChartTable, Colour, Legend, LegendItem},
    choice::{Checkbox, Choice, Choices, GroupedSelect, Select},
    code::{CodeBlock, Example},
    copy::{CopyButton, copy_text},
    dialog::{ConfirmPhrase, Dialog, DialogButton, DialogFoot},
    empty::{EmptyKind, EmptyState},
    field::{Field, FieldAside, FormError},
    filters::{FilterBar, FilterChip, FilterEnd, FilterSelect},
    help::HelpTip,
    icon::{Glyph, Icon},
    input::{Input, Textarea},
    kv::{DescriptionList, Entry},
    live::{Live, LiveDot},
    logo::Logo,
    menu::{Menu, MenuButton, MenuLine, MenuLink, MenuTitle},
    meter::Meter,
    note::{ErrorSummary, Note},
    page_head::PageHead,
    rank::{Rank, RankRow},
    secret::SecretOnce,
    skeleton::{Skeleton, TableSkeleton},
    table::{Align, Column, Paging, Priority, Table, TwoLines},
    tabs::{Segment, Segmented, Tab, Tabs},
    tile::{Change, Tile, Tiles},
    time::{Moment, Time, provide_now},
    toast::{ToastRegion, Toasts, provide_toasts, use_toasts},
    tone::Tone,
};
