//! An order in which what is alike stands together.

use std::collections::HashMap;

/// So many bytes in a row are what two functions may have in common.
const RUN: usize = 4;
/// A run that more functions have than this says nothing about any of them.
const COMMON: usize = 300;

/// The place of each function in a chain in which the next is the one most like the last, of those that are
/// left. It begins with the largest, and begins anew with the largest where nothing is alike.
pub(super) fn places(functions: &[&[u8]]) -> Vec<usize> {
    let runs: Vec<Vec<[u8; RUN]>> = functions.iter().map(|body| runs(body)).collect();
    let mut having: HashMap<[u8; RUN], Vec<usize>> = HashMap::new();
    for (function, runs) in runs.iter().enumerate() {
        for run in runs {
            having.entry(*run).or_default().push(function);
        }
    }
    let mut by_size: Vec<usize> = (0..functions.len()).collect();
    by_size.sort_by_key(|function| std::cmp::Reverse(functions[*function].len()));
    let mut by_size = by_size.into_iter();
    let mut places: Vec<Option<usize>> = vec![None; functions.len()];
    let mut likeness = vec![0.0; functions.len()];
    let mut last = None;
    for place in 0..functions.len() {
        let alike = last.and_then(|last: usize| most_alike(&runs[last], &runs, &having, &places, &mut likeness));
        let Some(next) = alike.or_else(|| by_size.find(|function| places[*function].is_none())) else { break };
        places[next] = Some(place);
        last = Some(next);
    }
    places.into_iter().flatten().collect()
}

/// The runs of a function, each once.
fn runs(body: &[u8]) -> Vec<[u8; RUN]> {
    let mut runs: Vec<[u8; RUN]> = body.windows(RUN).filter_map(|run| run.try_into().ok()).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// The function without a place that has most in common with one of these runs, for its size. A run counts
/// the more the fewer functions have it. `likeness` is all zeros before and after.
fn most_alike(
    of: &[[u8; RUN]],
    runs: &[Vec<[u8; RUN]>],
    having: &HashMap<[u8; RUN], Vec<usize>>,
    places: &[Option<usize>],
    likeness: &mut [f64],
) -> Option<usize> {
    let mut touched = Vec::new();
    for run in of {
        let others = having.get(run).map_or(&[][..], Vec::as_slice);
        if others.len() > COMMON {
            continue;
        }
        let weight = (1.0 + others.len() as f64).powf(-0.3);
        for other in others.iter().copied().filter(|other| places[*other].is_none()) {
            if likeness[other] == 0.0 {
                touched.push(other);
            }
            likeness[other] += weight;
        }
    }
    let for_size = |function: usize| likeness[function] / ((runs[function].len() + of.len()) as f64).sqrt();
    let best = touched.iter().copied().max_by(|a, b| for_size(*a).total_cmp(&for_size(*b)).then(b.cmp(a)));
    touched.iter().for_each(|function| likeness[*function] = 0.0);
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_functions_follow_each_other() {
        let functions: [&[u8]; 5] =
            [b"the quick brown fox", b"0123456789 and on", b"the quick brown dog", b"0123456789 and off", b"xyz"];
        let places = places(&functions);
        assert_eq!(places[0].abs_diff(places[2]), 1, "{places:?}");
        assert_eq!(places[1].abs_diff(places[3]), 1, "{places:?}");
        let mut sorted = places.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 1, 2, 3, 4], "each place once: {places:?}");
    }
}
