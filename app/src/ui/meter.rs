use super::Tone;
use crate::prelude::*;

/// A share of a whole as a thin bar. It is drawn as an SVG because the content policy allows no
/// inline styles.
#[component]
pub fn Meter(
    /// 0 to 100; more is drawn as full.
    #[prop(into)]
    percent: Signal<f64>,
    /// What is measured, for screen readers.
    #[prop(into)]
    label: String,
    /// What may yet come to it, 0 to 100: drawn paler behind it.
    #[prop(optional, into)]
    further: Signal<f64>,
    /// What the level means.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// Whether it is as wide as its container.
    #[prop(optional)]
    full: bool,
) -> impl IntoView {
    let shown = move || percent.get().clamp(0.0, 100.0);
    let reach = move || (percent.get() + further.get()).clamp(0.0, 100.0);
    view! {
        <span
            class="meter"
            role="meter"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || format!("{:.0}", shown())
            data-tone=move || tone.get().attribute()
            data-full=full.then_some("")
        >
            <svg aria-hidden="true">
                <rect class="meter__further" width=move || format!("{:.1}%", reach()) height="100%" rx="2"></rect>
                <rect width=move || format!("{:.1}%", shown()) height="100%" rx="2"></rect>
            </svg>
        </span>
    }
}
