//! Rust's own library: files, directories, links, times, environment, time, collections.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::time::{Duration, Instant, SystemTime};
use std::{env, thread};

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().collect();
    assert_eq!(args, ["wasi", "one", "", "three words"]);
    assert_eq!(env::var("A").as_deref(), Ok("1"));
    assert_eq!(env::var("B").as_deref(), Ok("x=y"));
    assert_eq!(env::vars().count(), 3);
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    assert_eq!(input, "lines of input\n");

    fs::create_dir_all("/a/b/c")?;
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open("/a/b/file")?;
    for number in 0..1_000 {
        writeln!(file, "line {number}")?;
    }
    assert_eq!(file.seek(SeekFrom::End(-5))?, file.metadata()?.len() - 5);
    file.rewind()?;
    let lines: Vec<String> = BufReader::new(&file).lines().collect::<Result<_, _>>()?;
    assert_eq!((lines.len(), lines[999].as_str()), (1_000, "line 999"));
    file.set_len(10)?;
    file.sync_all()?;
    drop(file);
    OpenOptions::new().append(true).open("/a/b/file")?.write_all(b"end")?;
    assert_eq!(fs::read("/a/b/file")?, b"line 0\nlinend");
    fs::copy("/a/b/file", "/a/copy")?;
    fs::hard_link("/a/copy", "/a/hard")?;
    fs::rename("/a/hard", "/a/b/c/moved")?;
    assert_eq!(fs::metadata("/a/b/c/moved")?.len(), 13);
    let kind = |result: io::Result<File>| result.map(drop).unwrap_err().kind();
    assert_eq!(kind(File::open("/missing")), ErrorKind::NotFound);
    assert_eq!(kind(File::create_new("/a/copy")), ErrorKind::AlreadyExists);
    assert!(File::open("/../outside").is_err());
    assert!(fs::remove_dir("/a").is_err());
    let mut names: Vec<_> = fs::read_dir("/a")?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
    names.sort();
    assert_eq!(names, ["b", "copy"]);
    fs::remove_file("/a/copy")?;
    fs::remove_dir_all("/a")?;
    assert_eq!(fs::read_dir("/")?.count(), 0);

    let start = Instant::now();
    thread::sleep(Duration::from_millis(2));
    assert!(start.elapsed() >= Duration::from_millis(2));
    assert!(SystemTime::now() > SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    let counts: HashMap<usize, usize> = (0..100).map(|number| (number, number * number)).collect();
    println!("{} {}", counts.len(), counts.values().sum::<usize>());
    Ok(())
}
