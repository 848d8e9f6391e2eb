//! Limits that several nodes keep together.

use domain::limits::LimitKind;

use crate::{
    nodes::shared,
    support::{client::assert_error, eventually},
};

#[tokio::test]
async fn what_one_node_lets_through_is_used_up_on_the_other() {
    shared(|world| async move {
        let limit = world.add_limit(world.of_key(LimitKind::Requests, 3)).await;
        let tokens = world.add_limit(world.of_key(LimitKind::Tokens, 600)).await;
        let (one, two) = (world.node("one").await, world.node("two").await);
        for _ in 0..3 {
            assert_eq!(one.small().await.status, 200);
        }
        eventually("the other hears of it", async || two.used(&world, &limit) == 3).await;
        assert_error(&two.small().await, 429, "rate_limit_exceeded");
        assert_eq!(one.used(&world, &limit), 3, "nothing is heard twice");
        eventually("it hears of the tokens that were used", async || two.used(&world, &tokens) > 30).await;
    })
    .await;
}
