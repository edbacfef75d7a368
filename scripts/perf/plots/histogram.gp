# SPDX-License-Identifier: GPL-2.0
#
# A panel for each of the n series, in columns, alike in their axes; the picture
# is as high as it says.
stats data.'/start' using 1:3 nooutput
first = STATS_min_x
most = STATS_max_y
stats data.'/ack' using 2:3 nooutput
most = STATS_max_y > most ? STATS_max_y : most
set xrange [first:STATS_max_x]
set logscale x
set format x seconds
set xtics 1e-9,100
set yrange [0:most*1.05]
set ytics 20
set ylabel '% of samples'
set style fill transparent solid 0.5
unset key
set label 1 '■ until the function starts' at screen 0.48, screen 1-92.0/height \
	right tc ls 1
set label 2 '■ until the caller knows that it has run' at screen 0.52, screen 1-92.0/height \
	left tc ls 2
set multiplot layout (n+columns-1)/columns,columns title title."\n \n "
do for [i=0:n-1] {
	set title word(names, i+1)
	plot data.'/start' index i using (sqrt($1*$2)):3:1:2:(0):3 \
		with boxxyerror ls 1, \
	     data.'/ack' index i using (sqrt($1*$2)):3:1:2:(0):3 \
		with boxxyerror ls 2
	unset label
}
unset multiplot
