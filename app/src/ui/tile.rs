use super::Tone;
use crate::prelude::*;

/// How a figure compares with the period before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The difference, with its sign: `+12.4 %`.
    pub by: String,
    /// Whether that is good, bad or neither; more calls are good, more cost is not.
    pub tone: Tone,
    /// What it is compared with: `vs. yesterday`.
    pub than: String,
}

/// A row of tiles.
#[component]
pub fn Tiles(
    /// What the figures are about.
    #[prop(into)]
    label: String,
    /// The tiles.
    children: Children,
) -> impl IntoView {
    view! { <section class="tiles" aria-label=label>{children()}</section> }
}

/// One figure: label, value, change and a sparkline; it leads to the rows behind the figure.
#[component]
pub fn Tile(
    /// What is counted.
    #[prop(into)]
    label: String,
    /// The figure, formatted.
    #[prop(into)]
    value: Signal<String>,
    /// The comparison, if there is one to make.
    #[prop(optional, into)]
    change: Signal<Option<Change>>,
    /// The figure's course, oldest first; empty shows none.
    #[prop(optional, into)]
    spark: Signal<Vec<f64>>,
    /// The rows behind the figure.
    #[prop(optional, into)]
    href: Option<String>,
) -> impl IntoView {
    let inside = view! {
        <span class="tile__label">{label}</span>
        <span class="tile__value">{move || value.get()}</span>
        <span class="tile__change">
            {move || {
                change
                    .get()
                    .map(|Change { by, tone, than }| view! { <b data-tone=tone.attribute()>{by}</b> {than} })
            }}
        </span>
        <svg class="tile__spark" viewBox="0 0 120 28" preserveAspectRatio="none" aria-hidden="true">
            <polyline points=move || sparkline(&spark.read()) vector-effect="non-scaling-stroke"></polyline>
        </svg>
    };
    match href {
        Some(href) => view! { <a class="tile" href=href>{inside}</a> },
        None => view! { <div class="tile">{inside}</div> },
    }
}

/// Fits the values into a box of 120 × 28. A flat course is drawn along the bottom, because a
/// line in the middle would suggest a value.
fn sparkline(values: &[f64]) -> String {
    let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)));
    let (span, steps) = ((high - low).max(f64::EPSILON), values.len().saturating_sub(1).max(1));
    let points = values.iter().enumerate().map(|(index, value)| {
        let x = 120.0 * index as f64 / steps as f64;
        let y = 26.0 - 24.0 * (value - low) / span;
        format!("{x:.1},{y:.1}")
    });
    points.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn sparkline_spans_the_box() {
        assert_eq!(sparkline(&[0.0, 5.0, 10.0]), "0.0,26.0 60.0,14.0 120.0,2.0");
    }

    #[test]
    fn sparkline_of_nothing_or_of_a_flat_course_is_calm() {
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[3.0, 3.0]), "0.0,26.0 120.0,26.0");
    }
}
