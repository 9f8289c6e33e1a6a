use super::*;

fn texts(pieces: &[Piece]) -> Vec<&str> {
    pieces.iter().map(|piece| std::str::from_utf8(&piece.bytes).unwrap()).collect()
}

fn chunk(state: &mut State, now: Instant) -> String {
    let chunk = state.next_chunk(now);
    state.writing.clear();
    String::from_utf8(chunk).unwrap()
}

#[test]
fn what_the_stream_took_in_part_is_given_back_whole() {
    for (taken, left) in [(0, vec!["ab\n", "cd\n", "ef\n"]), (3, vec!["cd\n", "ef\n"]), (5, vec!["cd\n", "ef\n"])] {
        let mut state = State::default();
        ["ab\n", "cd\n"].into_iter().for_each(|text| state.push(Piece::new(text.into())));
        assert_eq!(state.next_chunk(Instant::now()), b"ab\ncd\n");
        state.push(Piece::new("ef\n".into()));
        state.taken = taken;
        assert_eq!(texts(&state.take_back()), left, "{taken}");
        assert!(state.is_done());
    }
}

#[test]
fn the_status_line_stays_below_all_else_and_is_drawn_now_and_then() {
    let mut state = State::default();
    let now = Instant::now();
    let set = |state: &mut State, line: Option<&str>| {
        state.status.line = line.map(str::to_owned);
        state.status.is_stale = true;
    };
    set(&mut state, Some("1/3"));
    assert_eq!(state.idle_for(now), None);
    assert_eq!(chunk(&mut state, now), "1/3");
    set(&mut state, Some("2/3"));
    assert_eq!(state.idle_for(now), Some(REDRAW), "it was drawn just now");
    assert_eq!(state.idle_for(now + REDRAW), None);
    state.push(Piece::new("warning\n".into()));
    assert_eq!(state.idle_for(now), None, "nothing else waits for that");
    assert_eq!(chunk(&mut state, now), "\r\u{1b}[Kwarning\n2/3");
    set(&mut state, None);
    assert_eq!((state.is_done(), state.idle_for(now)), (false, None));
    assert_eq!(chunk(&mut state, now), "\r\u{1b}[K");
    assert_eq!((state.is_done(), state.idle_for(now)), (true, Some(IDLE)));
}

#[test]
fn what_was_dropped_is_counted_once() {
    let mut state = State { dropped: 2, ..State::default() };
    state.push(Piece::new("x\n".into()));
    assert_eq!(chunk(&mut state, Instant::now()), "(2 messages were dropped: stderr was not read)\nx\n");
    state.push(Piece::new("y\n".into()));
    assert_eq!(chunk(&mut state, Instant::now()), "y\n");
}
