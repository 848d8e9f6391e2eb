use super::{
    call::{Call, CostLine},
    status_badge,
};
use crate::{
    prelude::*,
    ui::{
        Badge, Card, CopyButton, DescriptionList, Entry, EnvironmentBadge, HelpTip, Meter, Note, PageHead, Time, Tone,
        format,
    },
};

/// A call in readable groups.
#[component]
pub(super) fn CallFacts(call: Call) -> impl IntoView {
    let title = format!("Call to {}", call.row.model);
    let estimated = call.row.estimated.then(|| {
        view! { <Note>"The provider did not say how many tokens it used, so Turnpike counted them itself. The cost follows from that count."</Note> }
    });
    view! {
        <PageHead title note=call.row.at.exact.clone()/>
        {estimated}
        <div class="grid">
            <div class="stack">
                <Overview call=call.clone()/>
                <Cost call=call.clone()/>
            </div>
            <div class="stack">
                <Timings call=call.clone()/>
                <Route call=call.clone()/>
                <Ids call/>
            </div>
        </div>
    }
}

#[component]
fn Overview(call: Call) -> impl IntoView {
    let Call { row, ending, error_code, endpoint, key_id, .. } = call;
    view! {
        <Card title="Call">
            <DescriptionList>
                <Entry term="Status">
                    <span class="cluster">
                        {status_badge(&row.status, row.http_status)} <span class="muted">{ending}</span>
                        {row.adjustment.then(|| view! { <Badge plain=true>"Adjustment of an earlier call"</Badge> })}
                    </span>
                </Entry>
                <Entry term="HTTP status">{row.http_status}</Entry>
                {error_code.map(|code| view! { <Entry term="Error code"><code>{code}</code></Entry> })}
                <Entry term="Endpoint"><code>{endpoint}</code></Entry>
                <Entry term="Environment"><EnvironmentBadge environment=row.environment/></Entry>
                <Entry term="Key"><a class="link" href=format!("/keys/{key_id}")>{row.key}</a></Entry>
                <Entry term="Admitted"><Time at=row.at/></Entry>
            </DescriptionList>
        </Card>
    }
}

#[component]
fn Route(call: Call) -> impl IntoView {
    let Call { row, model_id, actual_model, connection, attempts, .. } = call;
    let filter = format!("/usage?model={model_id}");
    view! {
        <Card title="Model and route">
            <DescriptionList>
                <Entry term="Asked for"><a class="link" href=filter>{row.model}</a></Entry>
                <Entry term="Served by"><code>{actual_model}</code></Entry>
                <Entry term="Provider">{row.provider}</Entry>
                <Entry term="Connection">{connection}</Entry>
                <Entry term="Attempts">{attempts}</Entry>
            </DescriptionList>
        </Card>
    }
}

#[component]
fn Cost(call: Call) -> impl IntoView {
    let Call { lines, price, price_id, exact_cost, row, .. } = call;
    let dash = || "–".to_owned();
    let line = move |CostLine { what, tokens, rate, cost }: CostLine| {
        view! {
            <tr class="table__row">
                <th class="table__cell" scope="row">{what}</th>
                <td class="table__cell" data-align="end">{tokens.map_or_else(dash, format::count)}</td>
                <td class="table__cell" data-align="end">{rate.unwrap_or_else(dash)}</td>
                <td class="table__cell" data-align="end">{cost.unwrap_or_else(dash)}</td>
            </tr>
        }
    };
    view! {
        <Card title="Tokens and cost" flush=true>
            <div class="table-scroll" role="region" tabindex="0" aria-label="Tokens and cost">
                <table class="table">
                    <thead>
                        <tr>
                            <th class="table__head" scope="col">"What"</th>
                            <th class="table__head" scope="col" data-align="end">"Tokens"</th>
                            <th class="table__head" scope="col" data-align="end">"Per million"</th>
                            <th class="table__head" scope="col" data-align="end">"Cost"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {lines.into_iter().map(line).collect_view()}
                        <tr class="table__row">
                            <th class="table__cell" scope="row"><b>"Total"</b></th>
                            <td class="table__cell" data-align="end">{format::count(row.input + row.output)}</td>
                            <td class="table__cell" data-align="end"></td>
                            <td class="table__cell" data-align="end"><b title=exact_cost>{row.cost}</b></td>
                        </tr>
                    </tbody>
                </table>
            </div>
            <footer class="table-foot">
                <span>"Price " <HelpTip term="price" text="What a model costs from a moment on. A call keeps the price of the moment at which it was admitted."/></span>
                <span>{price}</span>
                <span class="cluster"><CopyButton text=price_id label="Copy price id" compact=true/></span>
            </footer>
        </Card>
    }
}

#[component]
fn Timings(call: Call) -> impl IntoView {
    let Call { row, first_byte_us, total_us, speed, .. } = call;
    let share = first_byte_us.map(|us| us as f64 * 100.0 / total_us.max(1) as f64);
    view! {
        <Card title="Timings">
            <DescriptionList>
                <Entry term="First byte">{row.first_byte}</Entry>
                <Entry term="In all">{row.total}</Entry>
                {speed.map(|speed| view! { <Entry term="Speed">{speed}</Entry> })}
            </DescriptionList>
            {share.map(|share| view! { <div class="call__timeline"><Meter percent=share label="Share of the time until the first byte" tone=Tone::Accent full=true/></div> })}
        </Card>
    }
}

#[component]
fn Ids(call: Call) -> impl IntoView {
    let Call { row, request_id, client_request_id, key_id, .. } = call;
    view! {
        <Card title="Ids">
            <div class="stack">
                {id("Request", request_id)}
                {client_request_id.map(|own| id("Client's request", own))}
                {id("Call", row.id)}
                {id("Key", key_id)}
            </div>
        </Card>
    }
}

fn id(what: &'static str, value: String) -> impl IntoView {
    let label = format!("Copy the {} id", what.to_ascii_lowercase());
    view! {
        <div class="call__id">
            <span class="muted small">{what}</span>
            <code class="truncate">{value.clone()}</code>
            <CopyButton text=value label compact=true/>
        </div>
    }
}
