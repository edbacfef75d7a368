# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Sides of a comparison: few runs, not as many as on the other, and what their files
# are called. Sourced by scripts/test/test-compare.

# From four runs a side they tell by themselves, with fewer they do not.
many 4/5 0 "$pairs" --threshold 0 >"$tmp/uneven"
within "differences between four runs and five that are alike" \
	"$(count '.unit == "runs" and .verdict != "no difference seen"' "$tmp/uneven")" "$pairs" 1 75
many 2/5 0 "$some" --threshold 0 >"$tmp/uneven-few"
within "differences between two runs and five that are alike" \
	"$(count '.verdict != "no difference seen"' "$tmp/uneven-few")" "$some" 0 50
for sides in 4/5 5/4 4/4 3/5 5/3 1/40 40/1; do
	unit=runs notes=0
	[[ /$sides/ != */[123]/* ]] || unit=batches notes=3
	many $sides 0 1 >"$tmp/sides"
	check "$sides runs: not by $unit" test 1 -eq \
		"$(count ".unit == \"$unit\" and (.notes | length == $notes)" "$tmp/sides")"
done
# Names that are not UTF-8, in JSON: too long a form, half a pair, cut off.
for bad in $'\377' $'\300\257' $'\355\240\200' $'\364\220\200\200' $'\342\202' $'\200'; do
	cp "$tmp/many" "$tmp/a$bad\"é€😀"
	compare --json "$tmp/many" "$tmp/a$bad\"é€😀" >"$tmp/named"
	check "a name that is not UTF-8 makes no JSON" \
		iconv -f UTF-8 -t UTF-8 -o /dev/null "$tmp/named"
	marks=$(printf %s "$bad" | LC_ALL=C tr '\0-\377' '?')
	# shellcheck disable=SC2016 # for jq
	check "a name that is not UTF-8: $(jq -c .after.files "$tmp/named")" test true = "$(jq \
		--arg is "a${marks//\?/�}\"é€😀" '.after.files[0] | endswith($is)' "$tmp/named")"
done
