# SPDX-License-Identifier: GPL-2.0
#
# Rows are sources, columns targets, the first of each at the upper left. Dark
# blue is fast, yellow slow; so it is for those who see no red or no green, too.
# Cells that are not in the scale are grey.
set palette defined (0 '#00204d', 0.125 '#00336f', 0.25 '#39486b', 0.375 '#575c6d', \
	0.5 '#707173', 0.625 '#8a8779', 0.75 '#a69d75', 0.875 '#c4b56c', 1 '#ffea46')
set size ratio -1
set xrange [-0.5:n-0.5]
set yrange [n-0.5:-0.5]
set x2range [-0.5:n-0.5]
unset grid
set tics scale 0
set x2label 'to CPU'
set ylabel 'from CPU'
set title title offset 0,1
set object 1 rectangle from graph 0,0 to graph 1,1 behind fc rgb '#e0e0e0' fs solid noborder
if (logarithmic) { set logscale cb }
set cbrange [low:high]
set cblabel 'median from post to '.of
set xlabel note
unset key
if (numbers) {
	plot data.'/cells' using 1:2:3 with image pixels, \
		data.'/numbers' using 1:2:3:(int($4) ? 0xffffff : 0x000000) \
			with labels font ',10' tc rgb variable
} else {
	plot data.'/cells' using 1:2:3 with image pixels
}
