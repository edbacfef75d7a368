# SPDX-License-Identifier: GPL-2.0
#
# Two panels on the same axis, and the names of the n series beside them.
stats data.'/start' using 1 nooutput
first = STATS_min
stats data.'/ack' using 1 nooutput
set xrange [first:STATS_max]
set logscale x
set format x seconds
set yrange [0:1]
set ytics 0.25
set format y '%.2f'
set ylabel 'share of samples'
set lmargin at screen 0.09
set rmargin at screen 0.73
set multiplot layout 2,1 title title
unset key
set title 'until the function starts'
plot for [i=0:n-1] data.'/start' index i using 1:2 with lines \
	ls int(word(lines, i+1)) dt int(word(dashes, i+1))
set title 'until the caller knows that it has run'
plot for [i=0:n-1] data.'/ack' index i using 1:2 with lines \
	ls int(word(lines, i+1)) dt int(word(dashes, i+1))
# A panel that has nothing but the key.
set origin 0.74,0
set size 0.26,1
unset lmargin
unset rmargin
unset border
unset tics
unset title
unset ylabel
set yrange [2:3]
set key at graph 0, graph 1 left top reverse Left samplen 3 width -2
plot for [i=0:n-1] NaN with lines ls int(word(lines, i+1)) \
	dt int(word(dashes, i+1)) title word(names, i+1)
unset multiplot
