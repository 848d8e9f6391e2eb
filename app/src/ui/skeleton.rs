use crate::prelude::*;

/// A grey line where words will be.
#[component]
pub fn Skeleton(
    /// `s`, `m` or `l`.
    #[prop(default = "m")]
    width: &'static str,
    /// A block as high as a chart instead of a line.
    #[prop(optional)]
    block: bool,
) -> impl IntoView {
    view! { <span class="skeleton" data-width=width data-block=block.then_some("") aria-hidden="true"></span> }
}

/// A table before its rows are known, with the geometry that it will have.
#[component]
pub fn TableSkeleton(
    /// The titles of its columns.
    columns: Vec<&'static str>,
    /// How many rows to sketch.
    #[prop(default = 8)]
    rows: usize,
) -> impl IntoView {
    let widths = ["m", "s", "l", "s"];
    let cells = columns.len();
    let row = move |row: usize| {
        let cell = move |column: usize| {
            view! { <td class="table__cell"><Skeleton width=widths[(row + column) % widths.len()]/></td> }
        };
        view! { <tr class="table__row">{(0..cells).map(cell).collect_view()}</tr> }
    };
    view! {
        <div class="table-scroll" aria-busy="true">
            <table class="table">
                <thead>
                    <tr>{columns.into_iter().map(|title| view! { <th class="table__head">{title}</th> }).collect_view()}</tr>
                </thead>
                <tbody>{(0..rows).map(row).collect_view()}</tbody>
            </table>
            <span class="sr-only" role="status">"Loading"</span>
        </div>
    }
}
