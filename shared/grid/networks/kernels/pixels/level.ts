/** u8 [height, width, 3]: the known picture of the whole level, a quarter as wide and high as its picture. */
export let known: usize = 0
export let width: i32 = 0
export let height: i32 = 0
