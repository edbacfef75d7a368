# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# The faults of scripts/torture, which the torture test must catch: sourced.

# fault  the failures that it may be caught by
faults()
{
	# The module's own: of a bell that was rung in vain, for one.
	local warned='WARNING: .*[[ ]ipi_xcall|WARNING: .*/ipi_xcall'

	cat <<-END
		none		SUCCESS
		ack_early	!!! (missed|unseen|late|touched|count)
		run_twice	!!! (twice|law)
		lost_bell	!!! hung
		lost_kick	!!! (hung|lost)
		wrong_kick	$warned
		free_early	!!! (hung|lost|missed|late|touched)|BUG: kernel NULL pointer|NULL pointer dereference|$warned
		no_grace	!!! (late|lost)|BUG: kernel NULL pointer|BUG: KASAN|NULL pointer dereference
		no_barrier	!!! lost
	END
}

# Ordering alone, which not every machine can show: the litmus test that does.
litmus()
{
	case $1 in
	no_barrier)	echo "litmus/trigger-*" ;;
	*)		return 1 ;;
	esac
}

# The first line that matches, and how many seconds after the module came in.
first_report()
{
	awk -v want="$1" '
		{ sub(/\r$/, ""); at = $0; gsub(/^\[ *|\].*/, "", at) }
		/ipi_xcall: version/ { began = at }
		$0 ~ want {
			sub(/^\[[^]]*\] /, "")
			printf "after %.1f s: %s\n", at - began, $0
			exit
		}' "$dir/console"
}

# The test build, in a directory that guests get.
build_faults()
{
	local built

	built=$("$scripts/build-module" --dir "$top/build/$kernel-faults" \
		"$kernel" KCFLAGS=-DIPI_XCALL_FAULTS)
	faults=$log/$kernel-faults/faults
	mkdir -p "$faults"
	cp "$built/ipi_xcall.ko" "$faults/"
	cp "$built/selftests/modules/ipi_xcall_torture.ko" "$faults/"
}

inject()
{
	local want caught how="fault $1 on $kernel, $smp CPUs" seconds=200 bound=4000

	want=$(faults | awk -v f="$1" '$1 == f { sub(/^[^\t]*\t+/, ""); print }')
	# A fault is caught by chance, soon as a rule, and its guest ends then; these
	# two are to end well.
	case $1 in
	none|no_barrier)	seconds=40 bound=20000 ;;
	esac
	run "fault-$1" $((seconds + 120)) --no-load --add "$faults" -- sh /add/torture \
		--fault "$1" "$want" "duration=$seconds" "bound_ms=$bound" stutter=2 worst=0 \
		hang_panic=1 "seed=$seed" "${params[@]}"
	caught=$(first_report "$want")
	if [ -n "$caught" ]; then
		result pass "$how, $caught"
	elif litmus "$1" >/dev/null && [ -n "$(said SUCCESS)" ]; then
		result skip "$how # SKIP not seen here, $(litmus "$1") shows it"
	else
		result fail "$how: not caught, see $dir"
	fi
}
