from earthcode_local.cli import main

main()
