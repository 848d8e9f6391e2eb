use crate::{
    prelude::*,
    ui::{
        Badge, Card, CardAside, Change, Chart, ChartTable, Colour, Legend, LegendItem, Live, LiveDot, Rank, RankRow,
        Segment, Segmented, Tile, Tiles, Tone,
    },
};

pub(super) fn figures() -> impl IntoView {
    let course = vec![
        4.0, 6.0, 9.0, 10.0, 11.0, 13.0, 12.0, 9.0, 7.0, 4.0, 2.0, 1.0, 1.5, 4.0, 7.0, 9.0, 12.0, 15.0, 17.0, 18.0,
    ];
    let change = |by: &str, tone| Some(Change { by: by.into(), tone, than: "vs. last week".into() });
    view! {
        <Tiles label="Key figures">
            <Tile label="Calls" value="1,284,902" change=change("+12.4 %", Tone::Ok) spark=course.clone() href="/usage"/>
            <Tile label="Success rate" value="99.94 %" change=change("+0.02", Tone::Ok) spark=course.clone()/>
            <Tile label="Cost" value="$3,412.88" change=change("+18.1 %", Tone::Danger) spark=course.clone()/>
            <Tile label="Median latency" value="412 ms" change=change("−31 ms", Tone::Neutral) spark=course/>
            <Tile label="Tokens" value="0"/>
        </Tiles>
        <div class="grid">
            <Card title="Cost by provider">
                <CardAside slot>
                    <Segmented label="Measure">
                        <Segment href="?measure=cost" current=true>"Cost"</Segment>
                        <Segment href="?measure=calls" current=false>"Calls"</Segment>
                    </Segmented>
                </CardAside>
                <div class="stack">
                    <Legend items=legend()/>
                    <Chart label="Cost by provider and hour" option=option() table=numbers() zoom="/_gallery?from={from}&to={to}"/>
                </div>
            </Card>
            <div class="stack">
                <Card title="Needs attention">
                    <CardAside slot><Badge plain=true>"4"</Badge></CardAside>
                    <Rank>
                        <RankRow name="search-rerank" value="$1,204.10" percent=100.0 href="/keys"/>
                        <RankRow name="checkout-prod" value="$812.44" percent=67.0/>
                        <RankRow name="nightly-evals" value="$566.02" percent=47.0/>
                    </Rank>
                </Card>
                <Card title="Live states">
                    <div class="cluster">
                        <LiveDot state=Live::On/>
                        <LiveDot state=Live::Waiting/>
                        <LiveDot state=Live::Lost("14:02".into())/>
                    </div>
                </Card>
            </div>
        </div>
    }
}

fn legend() -> Vec<LegendItem> {
    [("OpenAI $1,902", Colour::Blue), ("Anthropic $884", Colour::Teal), ("Errors", Colour::Amber)]
        .map(|(label, colour)| LegendItem { label: label.into(), colour, dashed: colour == Colour::Amber })
        .into()
}

fn option() -> String {
    let series = |name: &str, colour: &str, base: f64| {
        let point = |hour: i64| {
            let wave = ((hour as f64) / 3.8).sin() * base / 2.0 + base;
            format!("[{},{wave:.2}]", (1_795_100_400 + hour * 3_600) * 1_000)
        };
        let points: Vec<String> = (0..24).map(point).collect();
        format!(
            r#"{{"type":"line","name":"{name}","stack":"all","color":"var(--{colour})","areaStyle":{{"opacity":0.18}},"data":[{}]}}"#,
            points.join(",")
        )
    };
    format!(
        r#"{{"tooltip":{{"valueFormatter":"fn:money:USD"}},"xAxis":{{"type":"time"}},"yAxis":{{"type":"value","axisLabel":{{"formatter":"fn:money:USD"}}}},"series":[{},{}]}}"#,
        series("OpenAI", "blue", 80.0),
        series("Anthropic", "teal", 60.0)
    )
}

fn numbers() -> ChartTable {
    let row = |hour: u32| vec![format!("{hour:02}:00"), format!("${}.10", hour * 3), format!("${}.40", hour * 2)];
    ChartTable { head: ["Hour", "OpenAI", "Anthropic"].map(str::to_owned).into(), rows: (0..24).map(row).collect() }
}
