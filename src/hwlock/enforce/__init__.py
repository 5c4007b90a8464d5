"""What happens then: the machine's side of activation, and the guard inside an application."""
