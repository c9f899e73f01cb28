# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bash completion for unreach(8). tests/test_completion.py compares it with --help and `unreach explain`.

_unreach_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# The command that a unique beginning of its name stands for.
_unreach_command() {
	local IFS=$' \t\n' found
	mapfile -t found < <(compgen -W "$2" -- "$1")
	((${#found[@]} == 1)) && echo "${found[0]}"
}

# The options of a command, with what may stand without one.
_unreach_words() {
	local ask='-i --interface -j --json --socket -h --help'
	case $1 in
	codes) echo "-w --watch $ask" ;;
	sources | targets | senders) echo "-n --rows --code $ask" ;;
	paths) echo "-n --rows $ask" ;;
	alerts) echo "-f --follow $ask" ;;
	events) echo "-f --follow -n --rows --code --source --target $ask" ;;
	top) echo '-i --interface --socket -h --help' ;;
	status) echo "$ask" ;;
	read) echo '--show --inside -j --json -i --interface -n --rows --code --source --target
		--community-id -h --help' ;;
	explain)
		echo "-j --json -h --help $2 network-or-host reject-or-drop reset no-reply
			576 1280 1420 1438 1450 1472 1476 1480 1492 1496 1500 9000"
		;;
	diagnose) echo '-j --json --socket -h --help' ;;
	esac
}

_unreach() {
	local IFS=$' \t\n' cur=$2 option=$3 command words
	local commands='codes sources targets senders paths alerts events top status read explain diagnose'
	local names='network-unreachable host-unreachable protocol-unreachable port-unreachable
		fragmentation-needed source-route-failed network-unknown host-unknown source-host-isolated
		network-prohibited host-prohibited tos-network-unreachable tos-host-unreachable
		communication-prohibited host-precedence-violation precedence-cutoff'
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$commands -h --help -V --version" -- "$cur")
		return
	fi
	# --show=cod is three words here.
	if [[ $cur == = ]]; then
		cur=
	elif [[ $option == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	command=$(_unreach_command "${COMP_WORDS[1]}" "$commands")
	case $option in
	-i | --interface) words=$(cd /sys/class/net && echo *) ;;
	--code) words=$names ;;
	--show) words='events alerts codes paths sources targets senders' ;;
	--socket | --inside)
		_unreach_files "$cur"
		return
		;;
	-n | --rows | --source | --target) return ;;
	*) words=$(_unreach_words "$command" "$names") ;;
	esac
	if [[ $cur != -* && $words == -* ]]; then
		case $command in
		read)
			_unreach_files "$cur"
			return
			;;
		diagnose)
			mapfile -t COMPREPLY < <(compgen -A hostname -- "$cur")
			return
			;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _unreach unreach
