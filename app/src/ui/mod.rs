//! The components that every page is made of. One file a component, with a stylesheet of the
//! same name in `style/components/`; `/_gallery` of a debug build shows each in all its states.

mod avatar;
mod badge;
mod bulk;
mod button;
mod card;
mod chart;
mod choice;
mod code;
mod columns;
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
mod kbd;
mod kv;
mod live;
mod logo;
mod menu;
mod meter;
mod note;
mod page_head;
mod peek;
mod popover;
pub mod query;
mod rank;
mod secret;
mod selection;
mod skeleton;
pub(crate) mod stored;
mod table;
mod tabs;
mod tile;
mod time;
mod toast;
mod tone;

pub(crate) use self::dialog::{close_beside, follow_open};
pub use self::{
    avatar::{Avatar, Person},
    badge::{Badge, EnvironmentBadge},
    bulk::{BulkBar, TableTools},
    button::{Button, ButtonKind, ButtonLink, IconButton, IconLink, Size},
    card::{Card, CardAside},
    chart::{Chart, ChartTable, Colour, Legend, LegendItem},
    choice::{Checkbox, Choice, Choices, GroupedSelect, Select},
    code::{CodeBlock, Example},
    columns::ColumnMenu,
    copy::{CopyButton, copy_text},
    dialog::{ConfirmPhrase, Dialog, DialogButton, DialogFoot, close_dialog},
    empty::{EmptyKind, EmptyState},
    field::{Field, FieldAside, FormError},
    filters::{FilterBar, FilterChip, FilterEnd, FilterField, FilterKind, FilterSelect, Names, Suggestion},
    help::HelpTip,
    icon::{Glyph, Icon},
    input::{Input, Textarea},
    kbd::Kbd,
    kv::{DescriptionList, Entry},
    live::{Live, LiveDot},
    logo::Logo,
    menu::{Menu, MenuButton, MenuLine, MenuLink, MenuTitle, SharedMenu},
    meter::Meter,
    note::{ErrorSummary, Note},
    page_head::PageHead,
    peek::{Peek, PeekPanel},
    rank::{Rank, RankRow},
    secret::SecretOnce,
    selection::{Chosen, Selection, filters_of},
    skeleton::{Skeleton, TableSkeleton},
    table::{Align, Column, ColumnName, Paging, Priority, RowName, Table, TwoLines},
    tabs::{Segment, Segmented, Tab, Tabs},
    tile::{Change, Tile, Tiles},
    time::{Moment, Time, provide_now},
    toast::{ToastRegion, Toasts, provide_toasts, use_toasts},
    tone::Tone,
};
