//! What the Sandbox says: a few sensible sentences that mention what was asked.

use std::borrow::Cow;

use crate::openai::MessageView;
use crate::sandbox::FAMILY;
use crate::sandbox::seed::Seed;
use crate::tokens::{count, truncate};

/// How many tokens an answer has at least and at most.
const LENGTH: std::ops::RangeInclusive<u64> = 20..=120;
/// How much of the question is repeated.
const ECHO_WORDS: usize = 16;
/// And never more than this, as a word can be long.
const ECHO_TOKENS: u64 = 24;
/// How much of one word is repeated.
const TOPIC_TOKENS: u64 = 6;

/// An answer to this text.
pub(super) fn answer(text: &str, seed: &Seed) -> String {
    let mut numbers = seed.derive("prose", 0).numbers();
    let opening = numbers.pick(OPENINGS).copied().unwrap_or_default();
    let mut answer = opening.replace("{}", &echo(text));
    let topic = topic(text);
    let wanted = LENGTH.start() + numbers.below(LENGTH.end() - LENGTH.start() - 20);
    let mut sentences = SENTENCES.to_vec();
    while count(FAMILY, &answer) < wanted && !sentences.is_empty() {
        let sentence = sentences.swap_remove(numbers.below(sentences.len() as u64) as usize);
        let longer = format!("{answer} {}", sentence.replace("{}", topic));
        if count(FAMILY, &longer) <= *LENGTH.end() {
            answer = longer;
        }
    }
    answer
}

/// The text that is answered: of the last message by the user, or by a tool after it.
pub(super) fn text_to_answer<'a>(messages: &[MessageView<'a>]) -> Cow<'a, str> {
    text_of_last(messages, &["user", "tool"])
}

/// The text of the last message by the user.
pub(super) fn last_user_text<'a>(messages: &[MessageView<'a>]) -> Cow<'a, str> {
    text_of_last(messages, &["user"])
}

fn text_of_last<'a>(messages: &[MessageView<'a>], roles: &[&str]) -> Cow<'a, str> {
    let by_role = |message: &&MessageView<'_>| message.role.as_deref().is_some_and(|role| roles.contains(&role));
    messages.iter().rev().find(by_role).map(MessageView::text).unwrap_or_default()
}

/// The beginning of the text, in one line.
fn echo(text: &str) -> String {
    let mut words = text.split_whitespace();
    let line = words.by_ref().take(ECHO_WORDS).collect::<Vec<_>>().join(" ");
    let kept = truncate(FAMILY, &line, ECHO_TOKENS);
    let shortened = kept.len() < line.len() || words.next().is_some();
    match kept.trim_end_matches([' ', '.', '?', '!', ',']) {
        "" => "nothing in particular".to_owned(),
        kept if shortened => format!("“{kept} …”"),
        kept => format!("“{kept}”"),
    }
}

/// The longest word near the beginning, as a guess of what it is about.
fn topic(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric())
        .take(40)
        .filter(|word| word.chars().count() > 3)
        .max_by_key(|word| word.len())
        .map_or("this", |word| truncate(FAMILY, word, TOPIC_TOKENS))
}

const OPENINGS: &[&str] = &[
    "You asked about {}.",
    "On {}: here is a short answer.",
    "Thank you for asking about {}.",
    "Here is what the Sandbox makes of {}.",
    "Let us look at {}.",
    "A few words on {}.",
];

const SENTENCES: &[&str] = &[
    "In short, it is easier than it looks once the first step is taken.",
    "The word that carries the most weight here seems to be “{}”.",
    "Start with the smallest part that is useful by itself.",
    "Write down what would show that it works before you begin.",
    "Most surprises come from an assumption that nobody wrote down.",
    "If two ways seem equally good, take the one that is easier to undo.",
    "Measure before and after, since memory flatters.",
    "Someone else has tried this before, and their mistakes are cheaper than yours.",
    "A small example would say more about “{}” than a long definition.",
    "It helps to name the one thing that must not go wrong.",
    "When in doubt, ask the person who will live with the result.",
    "The boring solution is usually the right one.",
    "Leave some room, because plans rarely survive the first week.",
    "Three things matter here: what it costs, who decides, and when it ends.",
    "Keep a note of what you tried, also of what failed.",
    "None of this came from a real model: the Sandbox made it from your words alone.",
    "The same question will always get this same answer here.",
    "There is more to say about “{}”, but not without knowing more.",
    "Read it once more tomorrow with a fresh mind.",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn answer_to(text: &str) -> String {
        answer(text, &Seed::of([text.as_bytes()]))
    }

    #[test]
    fn answers_repeat_mention_the_question_and_differ() {
        let one = answer_to("How do I bake sourdough bread?");
        assert_eq!(one, answer_to("How do I bake sourdough bread?"));
        assert!(one.contains("“How do I bake sourdough bread”"), "{one}");
        assert_ne!(one, answer_to("How do I bake rye bread?"));
    }

    #[test]
    fn lengths_vary_within_the_promise_whatever_is_asked() {
        let mut lengths = std::collections::BTreeSet::new();
        let odd = ["", " \n ", "😀", "日本語で答えてください", "a", "\u{0}\u{1}", "ｘｘｘｘ"];
        let texts = (0..300).map(|i| format!("question {i}")).chain(odd.iter().map(|text| text.repeat(200)));
        for text in texts {
            let tokens = count(FAMILY, &answer_to(&text));
            assert!(LENGTH.contains(&tokens), "{tokens} tokens for {text:?}");
            lengths.insert(tokens);
        }
        assert!(lengths.len() > 40 && lengths.first() < Some(&40) && lengths.last() > Some(&100), "{lengths:?}");
    }

    #[test]
    fn a_long_question_is_shortened() {
        assert!(answer_to(&"word ".repeat(500)).contains(" …”"));
    }
}
