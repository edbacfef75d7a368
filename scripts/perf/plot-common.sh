# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What pictures of results share: sourced by those that make them.

# Colours that everybody can tell apart, and points that differ as well.
line_styles()
{
	local i=0 colour point

	while read -r colour point; do
		i=$((i + 1))
		echo "set style line $i lc rgb '$colour' lw 2 pt $point ps 0.8"
	done <<-END
		#0072b2	7
		#e69f00	5
		#009e73	9
		#cc79a7	13
		#56b4e9	11
		#000000	2
		#d55e00	3
		#808080	1
	END
	echo "set grid xtics ytics lt 1 lc rgb '#dddddd'"
}

# render FILE WIDTH,HEIGHT: make FILE.png and FILE.svg of the program for gnuplot
# that is the standard input, and say so.
render()
{
	local program

	program=$(cat)
	gnuplot /dev/stdin <<-END
		set terminal pngcairo size $2 font 'sans,11'
		set output '$1.png'
		$program
	END
	gnuplot /dev/stdin <<-END
		set terminal svg size $2 font 'sans,13' background 'white'
		set output '$1.svg'
		$program
	END
	printf '%s\n' "$1.png" "$1.svg"
}
