/**
 * VP8's default probabilities of coefficients' tokens (RFC 6386, section 13.5), and those of the flags that would
 * replace them (13.4): [4 kinds of blocks, 8 bands, 3 contexts, 11 nodes]. As text, which compresses best.
 */

/** Bytes in base64, of the first three kinds: macroblocks that are predicted whole have no others. */
const DEFAULTS =
  'gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA/Yj+/+TbgICAgIC9gfL/49X/24CAgGp+4/zW0f//gICAAWL4/+zi' +
  '//+AgIC1he7+3er/moCAgE6GyvfGtP/bgICAAbn5//P/gICAgIC4lvf/7OCAgICAgE1u2P/s5oCAgICAAWX7//H/gICAgICq' +
  'i/H87NH//4CAgCV0xPPk////gICAAcz+//X/gICAgIDPoPr/7oCAgICAgGZn5//Tq4CAgICAAZj8//D/gICAgICxh/P/6uGA' +
  'gICAgFCB0//C4ICAgICAAQH/gICAgICAgID2Af+AgICAgICAgP+AgICAgICAgICAxiPt38G7oqCRmz6DLcbdrLDcnfzdAUQv' +
  'ktCVp92i/9+AAZXx/93g//+AgIC4jer93tz/x4CAgFFjtfKwvvnK//+AAYHo/dbF8sT//4BjedL6ycb/yoCAgBdbo/Kqu/fS' +
  '//+AAcj2/+r/gICAgIBtsvH/5/X//4CAgCyCyf3NwP//gICAAYTv+9vR/6WAgIBeiOH72r7//4CAgBZkrvW6of/HgICAAbb5' +
  '/+jrgICAgIB8j/H/4+qAgICAgCNNtfvB0//NgICAAZ33/+zn//+AgIB5jev/4eP//4CAgC1jvPvD2f/ggICAAQH7/9X/gICA' +
  'gIDLAfj//4CAgICAgIkBsf/g/4CAgICA/Qn4+8/Q/8CAgICvDeDzwbn5xv//gEkRq92hs+yn/+qAAV/3/dS3//+AgIDvWvT6' +
  '09H//4CAgJtNw/i8w///gICAARjv+9rb/82AgIDJM9v/xLqAgICAgEUuvu/J2v/kgICAAb/7//+AgICAgIDfpfn/1f+AgICA' +
  'gI18+P//gICAgICAARD4//+AgICAgIC+JOb/7P+AgICAgJUB/4CAgICAgICAAeL/gICAgICAgID3wP+AgICAgICAgPCA/4CA' +
  'gICAgICAAYb8//+AgICAgIDVPvr//4CAgICAgDdd/4CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA'

/** 255 - probability, from character 35 on. */
const UPDATES =
  '#################################r,#########C1&########)%%#########.&########8$$########%#######' +
  "####,$########3%$########$#$#########*$########'#$####################%$########'$$########$#$##" +
  '#######$%#$######(#$#$######$###########################################I##########A&1%##$####8(' +
  '1(%#%$####$#########C$$########4%$$########*$########)$#####################%#########+$########' +
  '#############%$########&######################$$########%######################$%########(######' +
  "####$###########################################h'(########8'.$#######''/%$#$#####%$########6%$#" +
  "#######'%%$$#######$$########$$$####################$#########$$#########$#####################$" +
  '################################################################################################' +
  "########################*##########($&$#######*$)%########%%########,%%########&$'$$#######$&###" +
  "#####*$%########%#$$########'$########-'$########%%$#########'%########&%$#########$##########&#" +
  '########)#$##########$##########%########(################################$#####################'

export const PROBABILITIES = /* @__PURE__ */ Uint8Array.from(/* @__PURE__ */ atob(DEFAULTS), (character) =>
  character.charCodeAt(0),
)

export const UPDATE_PROBABILITIES = /* @__PURE__ */ Uint8Array.from(
  UPDATES,
  (character) => 290 - character.charCodeAt(0),
)
