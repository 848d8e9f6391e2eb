use super::{Meter, Tone};
use crate::prelude::*;

/// The busiest few of something, each with its share of the first.
#[component]
pub fn Rank(
    /// The rows, largest first.
    children: Children,
) -> impl IntoView {
    view! { <ul class="rank">{children()}</ul> }
}

/// One row of a ranking.
#[component]
pub fn RankRow(
    /// What it is.
    #[prop(into)]
    name: String,
    /// How much, formatted.
    #[prop(into)]
    value: String,
    /// Its share of the largest, 0 to 100.
    percent: f64,
    /// The rows behind it.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let label = name.clone();
    let name = match href {
        Some(href) => view! { <a class="rank__name truncate" href=href>{name}</a> },
        None => view! { <span class="rank__name truncate">{name}</span> },
    };
    view! {
        <li class="rank__row">
            {name} <span class="num">{value}</span> <Meter percent label tone=Tone::Accent full=true/>
        </li>
    }
}
