//! "Did you mean": the nearest of some names.

// @need-ids: REQ_CLI_001

/// Names longer than this are not compared; the cost grows with the square.
const LONGEST: usize = 128;

/// The name nearest to `wanted`, if it is near enough to be a slip of the keyboard.
// @need-ids: REQ_CLI_001
pub fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted_length = wanted.chars().count();
    if wanted_length > LONGEST {
        return None;
    }
    // One slip for each three letters, and at least one.
    let most = (wanted_length / 3).max(1);
    names
        .filter(|name| name.len() <= 4 * LONGEST && name.chars().count().abs_diff(wanted_length) <= most)
        .map(|name| (distance(wanted, name), name))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, name)| name)
}

/// Letters to insert, delete, replace or swap with their neighbour; upper and lower case are the same letter.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(x != y);
            let mut least = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    // @need-ids: REQ_CLI_001
    #[test]
    fn slips_are_found_and_other_words_are_not() {
        let names = ["fib", "fib_loop", "memory", "run"];
        let nearest = |wanted| nearest(wanted, names.into_iter());
        assert_eq!(nearest("fbi"), Some("fib"));
        assert_eq!(nearest("Fib"), Some("fib"));
        assert_eq!(nearest("fib_lop"), Some("fib_loop"));
        assert_eq!(nearest("memroy"), Some("memory"));
        assert_eq!(nearest("fob"), Some("fib"));
        assert_eq!(nearest("start"), None);
        assert_eq!(nearest(""), None);
        assert_eq!(nearest(&"x".repeat(100_000)), None);
    }

    // @need-ids: REQ_CLI_001
    #[test]
    fn distances() {
        for (a, b, expected) in [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("ab", "ba", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }
}
