# SQLite's one file with those of SQL's functions that the engine calls; for the others there is no
# SQLITE_OMIT_….
BEGIN { count = split("count ifnull max min sum typeof", names); for (i in names) kept[names[i]] }

/static FuncDef aBuiltinFunc\[\]/ { is_table = 1 }
/^  };/ { is_table = 0 }
!is_table || /^#/ { print; next }
# An entry takes one line or more.
match($0, /^ +[A-Z0-9_]+\([ ]*[a-z0-9_]+/) {
  name = substr($0, RSTART, RLENGTH)
  sub(/.*\([ ]*/, "", name)
  is_left_out = !(name in kept)
  if (!is_left_out && !(name in found)) {
    found[name]
    count--
  }
}
!is_left_out { print }
END { if (count != 0) exit 1 }
