# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bash completion for unreachd(8). tests/test_completion.py compares it with --help.

_unreachd() {
	local IFS=$' \t\n' cur=$2 option=$3 words='' kept=
	COMPREPLY=()
	# --mode=nat is three words here.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $option in
	-i | --interface | --inside) words=$(cd /sys/class/net && echo *) ;;
	-m | --mode) words='auto native generic' ;;
	-e | --events) words='limited all none' ;;
	--track)
		words='sources targets senders'
		kept=${cur%"${cur##*,}"}
		;;
	--pin-dir)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -d -W none -- "$cur")
		return
		;;
	-c | --config | -l | --log | -w | --pcap | --socket | --alert-exec)
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--event-rate | --event-budget | --snaplen | --table-size | --flow-table | --flow-sample) return ;;
	--flood-source-rate | --flood-code-rate | --scan-targets | --listen) return ;;
	*)
		words='-i --interface --inside --wait -m --mode -e --events --event-rate --event-budget --community-id
			-l --log -w --pcap --snaplen -t --text --socket --listen --pin-dir --table-size --track
			--flow-table --flow-sample --flood-source-rate --flood-code-rate --scan-targets
			--alert-exec -c --config --check-config --detach -h --help -V --version'
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -P "$kept" -W "$words" -- "${cur#"$kept"}")
}
complete -F _unreachd unreachd
