//! Reads a document of JSON so often, changes it and writes it, by serde_json.

use std::io::Read;

fn main() {
    let times: u32 = std::env::args().nth(1).and_then(|times| times.parse().ok()).expect("how often");
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    let (mut length, mut sum) = (0, 0.0);
    for _ in 0..times {
        let mut document: serde_json::Value = serde_json::from_str(&text).expect("a document");
        for entry in document.as_array_mut().expect("a list") {
            sum += entry["price"].as_f64().expect("a number");
            entry["seen"] = true.into();
        }
        length += serde_json::to_string(&document).expect("a document").len();
    }
    println!("{length} {sum:.3}");
}
