# Shrinks the tables of utf8proc to what unicode_text.cpp asks them for: how a character is taken
# apart, put together and folded, and whether it is a mark or white space. Not the direction of
# writing, other cases than the folded one, mirroring, width, the borders between characters, and what
# is only alike ("compatibility": of wide letters, of letters in circles).
# What is the same then is stored once, in a form that is small when it is compressed, as a phone
# loads it: numbers of 16 bits as their low bytes and then their high ones, and the properties'
# columns as steps. Before main() they are made what they were.
BEGIN { properties = old_properties = stage2 = kept = 0 }

/^(static )?const .*\[\] = \{/ {
  table = $0
  sub(/\[\].*/, "", table)
  sub(/.* utf8proc_/, "", table)
  next
}
table == "properties" && /UINT16_MAX/ {
  line = $0
  gsub(/[{} ]/, "", line)
  split(line, field, ",")
  kind = 0
  if (field[1] ~ /_(MN|MC|ME)$/) kind = 6  # UTF8PROC_CATEGORY_MN
  if (field[1] ~ /_(ZS|ZL|ZP|CC)$/) kind = 23  # UTF8PROC_CATEGORY_ZS
  property = kind "," field[2] "," sequence_at(field[4] == "0" ? field[5] : "UINT16_MAX") "," \
    sequence_at(field[6]) "," field[10] "," (field[12] == "true" ? 1 : 0)
  gsub(/UINT16_MAX/, 65535, property)
  if (!(property in property_at)) {
    property_at[property] = properties
    property_of[properties++] = property
  }
  new_property[old_properties++] = property_at[property]
  next
}
/^[ ]*[0-9]/ {
  gsub(/[ };]/, "")
  count = split($0, number, ",")
  for (i = 1; i <= count; i++) {
    if (number[i] != "") values[table, counts[table]++] = number[i]
  }
}

# Where the characters of a sequence are among those that are kept: its index has their number, less
# one, in its two highest bits; 3 stands for a number before them. One beyond 16 bits takes two.
function sequence_at(place,   at, count, begin, text, i) {
  if (place == "UINT16_MAX") return 65535
  at = begin = place % 16384
  count = int(place / 16384)
  if (count == 3) count = values["sequences", at++]
  for (; count >= 0; count--) at += int(values["sequences", at] / 2048) == 27 ? 2 : 1
  text = ""
  for (i = begin; i < at; i++) text = text values["sequences", i] ","
  if (!(text in kept_at)) {
    kept_at[text] = kept
    for (i = begin; i < at; i++) kept_values[kept++] = values["sequences", i]
  }
  return kept_at[text] + int(place / 16384) * 16384
}

function write(name, size,   i) {
  printf "static const unsigned char packed_%s[] = {\n", name
  for (i = 0; i < size; i++) printf "%d,%s", values[name, i] % 256, i % 24 == 23 ? "\n" : " "
  for (i = 0; i < size; i++) printf "%d,%s", values[name, i] / 256, i % 24 == 23 ? "\n" : " "
  print "};"
  printf "static utf8proc_uint16_t utf8proc_%s[%d];\n\n", name, size
}

function write_column(name, number,   i, at, last) {
  printf "static const utf8proc_uint16_t steps_%s[] = {\n", name
  last = 0
  for (i = 0; i < properties; i++) {
    split(property_of[i], field, ",")
    printf "%d,%s", (field[number] - last + 65536) % 65536, i % 16 == 15 ? "\n" : " "
    last = field[number]
  }
  print "};\n"
}

END {
  # Places have 14 bits; the characters come before what refers to them.
  if (kept == 0 || kept >= 16384 || properties == 0) exit 1
  for (i = 0; i < counts["stage2table"]; i += 256) {
    block = ""
    for (j = i; j < i + 256; j++) block = block new_property[values["stage2table", j]] ","
    if (!(block in block_at)) {
      block_at[block] = stage2
      split(block, number, ",")
      for (j = 1; j <= 256; j++) shared[stage2++] = number[j]
    }
    new_block[i] = block_at[block]
  }
  for (i = 0; i < stage2; i++) values["stage2table", i] = shared[i]
  for (i = 0; i < counts["stage1table"]; i++) {
    values["stage1table", i] = new_block[values["stage1table", i]]
  }
  for (i = 0; i < kept; i++) values["sequences", i] = kept_values[i]
  write("sequences", kept)
  write("stage1table", counts["stage1table"])
  write("stage2table", stage2)
  write("combinations", counts["combinations"])
  columns = split("category combining_class decomp_seqindex casefold_seqindex " \
    "comb_index comp_exclusion", column, " ")
  for (i = 1; i <= columns; i++) write_column(column[i], i)
  printf "static utf8proc_property_t utf8proc_properties[%d];\n\n", properties
  print "#include \"utf8proc_unpack.h\""
}
